package mutation

import (
	"context"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"coppice/core/model"
)

// A hook may store another value than an input gives: an address in lower case,
// a hash for a password. Of seed records it is remembered what became of which
// value, so that one that says the same again is found, and is unchanged.

// Effect is what hooks made of a value that a seed record gave: digests of both.
type Effect struct {
	Entity *model.Entity
	ID     any
	Name   string // of the field or edge, as an input has it
	Said   string
	Left   string
}

// Effects are what became of values: what was left, by record, name and value.
type Effects map[any]map[string]map[string]string

// Recall finds the effects that are remembered of an entity's records.
type Recall func(ctx context.Context, e *model.Entity, ids []any) (Effects, error)

// StoredField is the name under which a dump tells that its record's values
// are as they are stored, so that hooks are not to change them again.
const StoredField = "$stored"

// keyPrefix is what a name in the ledger starts with that stands for the values
// a file gave for a unique key.
const keyPrefix = "key "

// Remember lets a set of seed records remember what hooks do.
func (s *Set) Remember(recall Recall) { s.recall = recall }

// stored reads whether a record's values are as they are stored.
func (d *decoding) stored() {
	v, ok := d.take(StoredField)
	if !ok {
		return
	}
	if d.node.stored, ok = v.(bool); !ok {
		d.wrong(d.node.Path.At(StoredField), "%s is true or false.", StoredField)
	}
}

// minds reports whether it is to be remembered what hooks do to a record.
func (s *Set) minds(n *Node) bool {
	return s.recall != nil && !n.stored && n.action != connect && s.hooked(n.Entity)
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}

// slowness is how many rounds it takes to digest a secret: whoever has the
// database cannot try out many.
const slowness = 50_000

// said is the digest of a value that an input gives.
func said(e *model.Entity, id any, f *model.Field, v any) string {
	var b strings.Builder
	writeKeyValue(&b, f.OriginOf(v))
	if !f.Sensitive {
		return digest(b.String())
	}
	key, err := pbkdf2.Key(sha256.New, b.String(), fmt.Appendf(nil, "%s %v %s", e.Origin(), id, f.Origin()), slowness, 16)
	if err != nil {
		return ""
	}
	return hex.EncodeToString(key)
}

// left is the digest of a value that is stored.
func left(v any) string {
	if v == nil {
		return "null"
	}
	var b strings.Builder
	writeKeyValue(&b, v)
	return digest(b.String())
}

// became reports whether a stored value is what hooks once made of the given one.
func (n *Node) became(known Effects, f *model.Field, v, have any) bool {
	of := known[n.ID][f.GraphQL]
	return len(of) > 0 && v != nil && of[said(n.Entity, n.ID, f, v)] == left(f.OriginOf(have))
}

// Effects lists what hooks made of the values of the records that were written,
// and gives these records the names by which they are found again. The set must
// have been applied.
func (s *Set) Effects(ctx context.Context) ([]Effect, error) {
	var all []Effect
	byEntity := map[*model.Entity][]*Node{}
	for _, n := range s.nodes {
		if (n.Created || n.Updated) && s.minds(n) {
			byEntity[n.Entity] = append(byEntity[n.Entity], n)
		}
	}
	for e, nodes := range byEntity {
		for part := range slices.Chunk(nodes, batch) {
			effects, err := s.effects(ctx, e, part)
			if err != nil {
				return nil, err
			}
			all = append(all, effects...)
		}
	}
	return all, nil
}

func (s *Set) effects(ctx context.Context, e *model.Entity, nodes []*Node) (all []Effect, err error) {
	of := columnsOf(e, nodes)
	byID, ids := map[any][]*Node{}, make([]any, len(nodes))
	for i, n := range nodes {
		byID[n.ID] = append(byID[n.ID], n)
		ids[i] = n.ID
	}
	err = s.rows(ctx, e, of.names, s.withID(e, ids), func(row []any) error {
		id, err := e.TypedID(row[0])
		if err != nil {
			return err
		}
		for _, n := range byID[id] {
			turned := map[*model.Field]bool{}
			for _, v := range n.values {
				have, err := v.field.Scan(row[of.fields[v.field]])
				if err != nil {
					return err
				}
				if v.field == e.ID || v.value == nil || v.append || v.field.Same(v.value, have) {
					continue
				}
				turned[v.field] = true
				all = append(all, Effect{e, id, v.field.GraphQL, said(e, id, v.field, v.value), left(v.field.OriginOf(have))})
			}
			n.nameByGivenKeys(turned)
		}
		return nil
	})
	return all, err
}

// nameByGivenKeys names a record after the keys that its input gave, of which hooks
// made others.
func (n *Node) nameByGivenKeys(turned map[*model.Field]bool) {
	for k, name := range n.keyNames {
		if slices.ContainsFunc(k.Parts, func(p model.Part) bool { return turned[p.Field] }) {
			n.Aliases = append(n.Aliases, name)
		}
	}
}

func secret(k *model.Key) bool {
	return slices.ContainsFunc(k.Parts, func(p model.Part) bool { return p.Field != nil && p.Field.Sensitive })
}

func (s *Set) keyName(e *model.Entity, k *model.Key, values []any) string {
	// In the oldest names, which a later renaming leaves as they are.
	return keyPrefix + digest(s.keyText(e, k, values, origin))
}

// quest is a search for a record by what a file gave for a key.
type quest struct {
	key    *model.Key
	values []any
	name   string
	found  func(id any)
}

// recallKeys finds records by the values that files gave for their keys, and
// that hooks changed.
func (s *Set) recallKeys(ctx context.Context, quests map[*model.Entity][]quest) error {
	for _, e := range s.model.Entities {
		list := quests[e]
		if len(list) == 0 {
			continue
		}
		names := make([]string, len(list))
		for i, q := range list {
			names[i] = q.name
		}
		ids, err := s.findByName(ctx, e, names)
		if err != nil {
			return err
		}
		byID := map[any][]quest{}
		for _, q := range list {
			if id := ids[q.name]; id != nil {
				byID[id] = append(byID[id], q)
			}
		}
		if err := s.confirm(ctx, e, byID); err != nil {
			return err
		}
	}
	return nil
}

// confirm hands on those of the records whose keys are still as hooks left them.
func (s *Set) confirm(ctx context.Context, e *model.Entity, byID map[any][]quest) error {
	ids := make([]any, 0, len(byID))
	of := &columns{names: []string{e.ID.Column}, fields: map[*model.Field]int{}}
	for id, list := range byID {
		ids = append(ids, id)
		for _, q := range list {
			for _, p := range q.key.Parts {
				if p.Field != nil && of.fields[p.Field] == 0 {
					of.fields[p.Field] = len(of.names)
					of.names = append(of.names, p.Field.Column)
				}
			}
		}
	}
	for part := range slices.Chunk(ids, batch) {
		known, err := s.recall(ctx, e, part)
		if err != nil {
			return err
		}
		err = s.rows(ctx, e, of.names, s.withID(e, part), func(row []any) error {
			id, err := e.TypedID(row[0])
			if err != nil {
				return err
			}
			for _, q := range byID[id] {
				if q.holds(e, id, of, row, known[id]) {
					q.found(id)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// holds reports whether the key of a record is what hooks made of the values,
// as far as that is remembered: a dump has the name, and not the effects.
func (q *quest) holds(e *model.Entity, id any, of *columns, row []any, known map[string]map[string]string) bool {
	for i, p := range q.key.Parts {
		if p.Field == nil || len(known[p.Field.GraphQL]) == 0 {
			continue
		}
		have, err := p.Field.Scan(row[of.fields[p.Field]])
		if err != nil || !p.Field.Same(q.values[i], have) && known[p.Field.GraphQL][said(e, id, p.Field, q.values[i])] != left(p.Field.OriginOf(have)) {
			return false
		}
	}
	return true
}

// recallNodes finds seed records whose keys hooks changed.
func (s *Set) recallNodes(ctx context.Context) error {
	quests := map[*model.Entity][]quest{}
	for _, n := range s.nodes {
		if n.action != upsert && n.action != connect || n.stored || !s.hooked(n.Entity) {
			continue
		}
		for _, k := range n.Entity.Keys {
			if secret(k) || n.key(k) == nil {
				continue
			}
			// Now, for the name changes with what is found of the key's references.
			q := quest{k, n.keyValues(k), s.keyName(n.Entity, k, n.keyValues(k)), func(id any) { s.exists(n, id) }}
			if n.keyNames == nil {
				n.keyNames = map[*model.Key]string{}
			}
			if n.keyNames[k] = q.name; !n.found {
				quests[n.Entity] = append(quests[n.Entity], q)
			}
		}
	}
	return s.recallKeys(ctx, quests)
}

// recallRefs finds what references name whose keys hooks changed.
func (s *Set) recallRefs(ctx context.Context, refs []*ref) error {
	quests := map[*model.Entity][]quest{}
	for _, r := range refs {
		if r.id == nil && !secret(r.key) && s.hooked(r.entity) {
			quests[r.entity] = append(quests[r.entity], quest{r.key, r.values, s.keyName(r.entity, r.key, r.values), func(id any) { r.id = id }})
		}
	}
	return s.recallKeys(ctx, quests)
}
