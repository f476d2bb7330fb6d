import { type DirectiveNode, type DocumentNode, type FragmentDefinitionNode, Kind, type OperationDefinitionNode, print, type SelectionNode, type SelectionSetNode, visit } from 'graphql';

/** An operation of one root field, with the values of its variables. */
export interface Part {
  name: string;
  query: string;
  variables: Record<string, unknown>;
}

type Fragments = Map<string, FragmentDefinitionNode>;

/**
 * Makes an operation of each root field of a document's operations, with the
 * fragments that it needs and the variables, of which `values` has values. What is
 * asked for in fragments at the root counts as asked for at the root, and fields that
 * come under one name in the answer are one.
 */
export function split(document: DocumentNode, values: Record<string, unknown>): Part[] {
  const fragments: Fragments = new Map(document.definitions.flatMap((d) => (d.kind === Kind.FRAGMENT_DEFINITION ? [[d.name.value, d]] : [])));
  return document.definitions.flatMap((operation) => {
    if (operation.kind !== Kind.OPERATION_DEFINITION) return [];
    const fields = rootFields(operation.selectionSet, fragments, []);
    const given = operation.name?.value;
    return [...fields].map(([key, selections]) => {
      const name = given === undefined ? key : fields.size > 1 ? `${given}_${key}` : given;
      return partOf(operation, name, selections, fragments, values);
    });
  });
}

/** What selects each root field, by the name that it has in the answer. */
function rootFields(set: SelectionSetNode, fragments: Fragments, within: string[]): Map<string, SelectionNode[]> {
  const fields = new Map<string, SelectionNode[]>();
  const add = (key: string, selections: SelectionNode[]) => fields.set(key, [...(fields.get(key) ?? []), ...selections]);
  for (const selection of set.selections) {
    if (selection.kind === Kind.FIELD) {
      add((selection.alias ?? selection.name).value, [selection]);
      continue;
    }
    const name = selection.kind === Kind.FRAGMENT_SPREAD ? selection.name.value : undefined;
    const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection;
    if (name !== undefined && !fragment) add(name, [selection]); // to be marked as unknown where it stands then
    if (!fragment || (name !== undefined && within.includes(name))) continue;
    const inner = rootFields(fragment.selectionSet, fragments, name === undefined ? within : [...within, name]);
    for (const [key, selections] of inner) add(key, under(selection.directives ?? [], selections));
  }
  return fields;
}

/** Selections under the directives of the fragment that they stood in. */
function under(directives: readonly DirectiveNode[], selections: SelectionNode[]): SelectionNode[] {
  if (directives.length === 0) return selections;
  return [{ kind: Kind.INLINE_FRAGMENT, directives, selectionSet: { kind: Kind.SELECTION_SET, selections } }];
}

function partOf(operation: OperationDefinitionNode, name: string, selections: SelectionNode[], fragments: Fragments, values: Record<string, unknown>): Part {
  const alone: OperationDefinitionNode = {
    ...operation,
    name: { kind: Kind.NAME, value: name },
    variableDefinitions: [],
    selectionSet: { kind: Kind.SELECTION_SET, selections },
  };
  const needed = neededBy(alone, fragments);
  const definitions = operation.variableDefinitions?.filter((d) => needed.variables.has(d.variable.name.value)) ?? [];
  const named = definitions.map((d) => d.variable.name.value).filter((variable) => Object.hasOwn(values, variable));
  const document: DocumentNode = {
    kind: Kind.DOCUMENT,
    definitions: [{ ...alone, variableDefinitions: definitions }, ...[...fragments.values()].filter((f) => needed.fragments.has(f.name.value))],
  };
  return { name, query: print(document), variables: Object.fromEntries(named.map((variable) => [variable, values[variable]])) };
}

/** The names of the variables and fragments that an operation uses, through fragments as well. */
function neededBy(operation: OperationDefinitionNode, all: Fragments): { variables: Set<string>; fragments: Set<string> } {
  const variables = new Set<string>();
  const fragments = new Set<string>();
  const look = (node: OperationDefinitionNode | FragmentDefinitionNode) => {
    visit(node, {
      Variable: ({ name }) => void variables.add(name.value),
      FragmentSpread({ name: { value } }) {
        const fragment = all.get(value);
        if (!fragment || fragments.has(value)) return;
        fragments.add(value);
        look(fragment);
      },
    });
  };
  look(operation);
  return { variables, fragments };
}
