import { readFileSync } from 'node:fs';

import { buildSchema } from 'graphql';
import { describe, expect, test } from 'vitest';

import { clockOf, instantOf } from '../src/data/form/TimeInput';
import { addressOf, type Place, readPlace } from '../src/data/model/address';
import { columnsOf, defaultColumns } from '../src/data/model/columns';
import { bodyOf, cell, exportSize, headOf, tailOf } from '../src/data/model/export';
import { faultsOf, readFilter, sentenceOf, writeFilter } from '../src/data/model/filter';
import { type Entries, entriesOf, inputOf, sortErrors } from '../src/data/model/form';
import { countOperations, type Row, searchOperation, tableOperation } from '../src/data/model/operations';
import { readModel } from '../src/data/model/schema';
import { bytesIn, parseDraft, sizeText, timeText, visible } from '../src/data/model/values';

const sdl = readFileSync(new URL('../../../internal/fixture/blog/graph/ent.graphql', import.meta.url), 'utf8');
const model = readModel(buildSchema(sdl));
const post = model.entity('Post')!;
const where = model.where('PostWhereInput')!;

describe('the address', () => {
  test.each<Place>([
    { page: 'record', of: 'Post', id: 'Post:1' },
    { page: 'edit', of: 'Post', id: 'a&b=c' },
    { page: 'new', of: 'Post' },
    { page: 'table', of: 'Post', id: undefined, edge: undefined, where: { and: [{ title: 'a,b&"' }] }, order: [], columns: undefined, size: 50, at: { after: undefined, before: undefined, last: undefined, from: 0 } },
    {
      page: 'table',
      of: 'User',
      id: 'User:1',
      edge: 'posts',
      where: undefined,
      order: [
        { field: 'TITLE', direction: 'DESC', nulls: 'LAST' },
        { field: 'ID', direction: 'ASC', nulls: undefined },
      ],
      columns: ['id', '=stars'],
      size: 100,
      at: { after: undefined, before: 'x+/=', last: undefined, from: 300 },
    },
  ])('says what is shown: $page', (place) => expect(readPlace(addressOf(place))).toEqual(place));

  test('leaves out what it does not understand', () => {
    expect(readPlace('?of=Post&where=[1&size=99999&from=-1')).toMatchObject({ page: 'table', where: undefined, size: 50, at: { from: 0 } });
  });
});

describe('a filter', () => {
  test.each([
    { title: 'a', titleContainsFold: 'b' },
    { hasAuthor: false },
    { hasAuthorWith: [{ username: 'ada', hasPostsWith: [{ viewCountGT: 3 }] }] },
    { not: { hasTagsWith: [{ nameIn: ['go', 'sql'] }] } },
    { or: [{ rating: 1.5 }, { and: [{ ratingIsNil: true }, { title: 'x' }] }], status: 'DRAFT' },
    { not: { title: 'a', viewCount: 1 } },
    { and: [{ or: [{ title: 'a' }] }, { or: [{ title: 'b' }] }] },
    { ratingIn: [] },
    {},
  ])('is written as it was read: %j', (value) => {
    expect(writeFilter(model, where, readFilter(model, where, value).items)).toEqual(value);
  });

  test('leaves out what is not complete, and says what is wrong', () => {
    const items = [
      { kind: 'field', key: 'viewCount', draft: 'many' },
      { kind: 'field', key: 'title', draft: undefined },
      { kind: 'group', op: 'or', items: [] },
    ] as const;
    expect(writeFilter(model, where, items as never)).toEqual({});
    expect(faultsOf(model, where, items as never)).toEqual(['viewCount: Write a whole number, such as 42.']);
  });

  test('is told as a sentence', () => {
    const { items } = readFilter(model, where, { hasAuthorWith: [{ username: 'ada' }], ratingIsNil: true, createdAtGT: '2026-01-02T00:00:00Z' });
    expect(sentenceOf(model, where, items)).toBe('some author with (username is ada) and rating has no value and createdAt is after 2026-01-02 00:00:00');
  });
});

describe('operations', () => {
  test('a table asks for its columns, and gives its arguments as variables', () => {
    const all = columnsOf(post);
    const place = readPlace('?of=Post&where={"title":"a"}&order=-TITLE&after=c&size=25');
    if (place.page !== 'table') throw new Error('no table');
    const { query, variables } = tableOperation(model, place, post, all.filter((c) => ['title', 'author', 'tags'].includes(c.key)));
    expect(query).toContain('node { id title author { id username } tags(first: 0) { totalCount } }');
    expect(query).toContain('query PostTable($first: Int, $after: Cursor, $orderBy: [PostOrder!], $where: PostWhereInput)');
    expect(variables).toEqual({ first: 25, after: 'c', orderBy: [{ field: 'TITLE', direction: 'DESC' }], where: { title: 'a' } });
  });

  test('counts of many entities keep below the limit of aliases', () => {
    const many = Array.from({ length: 95 }, (_, i) => ({ ...post, name: `E${i}` }));
    expect(countOperations(many).map((o) => o.query.split('totalCount').length - 1)).toEqual([40, 40, 15]);
  });

  test('a picker searches every text, and the id', () => {
    expect(searchOperation(model, model.entity('Tag')!, ' go ').variables).toEqual({ first: 12, where: { or: [{ nameContainsFold: 'go' }, { id: 'go' }] } });
    expect(searchOperation(model, model.entity('Tag')!, '').variables).toEqual({ first: 12 });
  });

  test('a table has no more columns than are cheap, and long texts last', () => {
    const keys = defaultColumns(columnsOf(post), post.label);
    expect(keys.slice(0, 2)).toEqual(['id', 'slug']);
    expect(keys.at(-1)).toBe('body');
    expect(keys).not.toContain('excerpt');
  });
});

describe('a file', () => {
  test.each([
    ['=1+1', `"'=1+1"`],
    ['@SUM(A1)', `"'@SUM(A1)"`],
    ['+cmd', `"'+cmd"`],
    ['-x', `"'-x"`],
    ['\tx', `"'\tx"`],
    ['-5', '-5'],
    ['-5.25e3', '-5.25e3'],
    [-5, '-5'],
    ['a "b", c', '"a ""b"", c"'],
    ['a\nb', '"a\nb"'],
    [null, ''],
    [true, 'true'],
    [{ a: 1 }, '"{""a"":1}"'],
  ])('has %j as %s', (value, text) => expect(cell(value)).toBe(text));

  test('holds the columns shown, as CSV and as JSON', () => {
    const columns = columnsOf(post).filter((c) => ['title', 'author', 'tags'].includes(c.key));
    const node = { id: 'Post:1', title: '=x', author: { id: 'User:1', username: 'ada' }, tags: { totalCount: 2 } };
    const entries = [{ node }, { node: null }];
    const file = (format: 'csv' | 'json') => headOf(format, columns) + bodyOf(format, model, columns, entries, true) + tailOf(format);
    expect(file('csv')).toBe(`title,author.id,author,tags\r\n"'=x",User:1,ada,2\r\n`);
    expect(JSON.parse(file('json'))).toEqual([{ title: '=x', author: { id: 'User:1', username: 'ada' }, tags: 2 }]);
    const two = headOf('json', columns) + bodyOf('json', model, columns, entries, true) + bodyOf('json', model, columns, entries, false) + tailOf('json');
    expect(JSON.parse(two)).toHaveLength(2);
  });

  test('is read in pages that one request may cost', () => {
    const one = columnsOf(post).find((c) => c.key === 'author')!;
    expect(exportSize([one])).toBe(1000);
    expect(exportSize(Array(29).fill(one))).toBe(600);
  });
});

describe('a form', () => {
  const fields = post.update!.fields;
  const record = { id: 'Post:1', title: 'a', rating: 4, viewCount: 3, author: { id: 'User:1', username: 'ada' } } as Row;
  const before = entriesOf(fields, record, (_, row) => String(row['username']));
  const put = (change: Entries) => inputOf(fields, { ...before, ...change }, before);
  const empty = { added: [], removed: [] };

  test('sends what was changed, and nothing else', () => {
    expect(put({}).input).toEqual({});
    expect(put({ title: { ...empty, draft: 'b' }, rating: { ...empty, draft: null }, viewCount: { ...empty, draft: '3' } }).input).toEqual({ title: 'b', rating: null });
  });

  test('writes edges by reference, in the fields that add and remove', () => {
    const to = (id: string) => ({ id, label: id, extras: {} });
    const { input } = put({ author: { ...empty, one: to('User:2') }, tags: { added: [to('Tag:1')], removed: [to('Tag:2')] } });
    expect(input).toEqual({ author: { id: 'User:2' }, addTags: [{ id: 'Tag:1' }], removeTags: [{ id: 'Tag:2' }] });
  });

  test('says at its field what cannot be sent', () => {
    expect(put({ viewCount: { ...empty, draft: '3.5' } }).faults).toEqual({ viewCount: 'Write a whole number, such as 42.' });
  });

  test('has errors at their fields, all of them, and others on top', () => {
    const error = (field: string) => ({ message: `about ${field}`, extensions: { field } });
    const { at, top } = sortErrors(fields, [error('input.title'), error('input.addTags.1.name'), error('input.tags'), error('id')]);
    expect(at).toEqual({ title: ['about input.title'], tags: ['2: about input.addTags.1.name', 'about input.tags'] });
    expect(top).toEqual(['about id']);
  });
});

describe('values', () => {
  const type = (kind: string, list = false) => ({ kind, list, name: kind, values: [] }) as never;
  test('are read from what was written', () => {
    expect(parseDraft(type('bigint'), '9007199254740993')).toEqual({ value: '9007199254740993' });
    expect(parseDraft(type('float'), '1e3')).toEqual({ value: 1000 });
    expect(parseDraft(type('json'), '{"a":')).toHaveProperty('error');
    expect(parseDraft(type('int', true), ['1', 'x'])).toEqual({ error: 'Item 2: Write a whole number, such as 42.' });
    expect(parseDraft(type('text'), '')).toEqual({ value: '' });
    expect(parseDraft(type('text'), null)).toEqual({ value: null });
  });

  test('times are read and written to the microsecond', () => {
    expect(timeText('2026-11-23T10:00:00.120300Z')).toBe('2026-11-23 10:00:00.1203');
    expect(timeText('2026-11-23T10:00:10Z')).toBe('2026-11-23 10:00:10');
    const before = '2026-11-23T10:00:00.123456Z';
    expect(clockOf(before, 'UTC')).toBe('2026-11-23T10:00:00.123');
    expect(instantOf('2026-11-24T10:00:00.123', 'UTC', before)).toBe('2026-11-24T10:00:00.123456Z');
    expect(instantOf('2026-11-24T10:00', 'UTC', before)).toBe('2026-11-24T10:00:00.000Z');
  });

  test('marks that turn the direction of a text can be seen', () => {
    expect(visible('a\u202eb\u2069')).toBe('a⟨U+202E⟩b⟨U+2069⟩');
  });

  test('bytes are counted', () => {
    expect(['', 'QQ==', 'QUI=', 'QUJD'].map(bytesIn)).toEqual([0, 1, 2, 3]);
    expect([sizeText(1), sizeText(2500), sizeText(1.5e6)]).toEqual(['1 byte', '2.5 kB', '1.5 MB']);
  });
});
