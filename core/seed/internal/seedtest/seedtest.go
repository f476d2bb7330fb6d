// Package seedtest has schemas for the seeder's own tests, made of descriptors
// alone: no client is generated of them.
package seedtest

import "coppice/core/model"

// Name is a field called name, which holds a text.
func Name(unique bool) *model.Field {
	return &model.Field{Name: "name", GraphQL: "name", Type: "String", Unique: unique, Go: model.Text[string]}
}

// ID is an id that the database counts.
func ID() *model.Field {
	return &model.Field{Name: "id", GraphQL: "id", Kind: model.Int, Bits: 64, Go: model.Number[int]}
}

// Whole is a field of a name that holds a whole number.
func Whole(name string) *model.Field {
	return &model.Field{Name: name, GraphQL: name, Kind: model.Int, Bits: 64, Go: model.Number[int]}
}

// Schema has the edges and keys that the fixtures do not have.
func Schema() *model.Schema {
	choice := &model.Field{Name: "size", GraphQL: "size", Kind: model.Enum, Enums: []model.EnumValue{{Name: "S", Value: "S"}, {Name: "L", Value: "L"}}, Go: model.Text[string]}
	return model.New(
		&model.Entity{Name: "City", Table: "cities", ID: ID(), Fields: []*model.Field{Name(false)}},
		&model.Entity{Name: "Person", Table: "people", ID: ID(), Fields: []*model.Field{Name(true)}, Keys: []*model.Key{
			{Name: "name", Of: []string{"name"}}, {Name: "spouse", Of: []string{"spouse"}}, {Name: "previous", Of: []string{"previous"}},
		}, Edges: []*model.Edge{
			{Name: "spouse", GraphQL: "spouse", To: "Person", Back: "spouse", Unique: true},
			{Name: "friends", GraphQL: "friends", To: "Person", Back: "friends", Storage: model.Join, Table: "friends"},
			{Name: "parent", GraphQL: "parent", To: "Person", Back: "children", Unique: true},
			{Name: "children", GraphQL: "children", To: "Person", Back: "parent", Storage: model.Other},
			{Name: "next", GraphQL: "next", To: "Person", Back: "previous", Unique: true, Storage: model.Other},
			{Name: "previous", GraphQL: "previous", To: "Person", Back: "next", Unique: true},
			{Name: "birthplace", GraphQL: "birthplace", To: "City", Unique: true, Required: true},
			{Name: "clubs", GraphQL: "clubs", To: "Club", Back: "members", Storage: model.Join, Table: "memberships"},
			{Name: "pets", GraphQL: "pets", To: "Pet", Storage: model.Other, Required: true},
			{Name: "lent", GraphQL: "lent", To: "Pet", Storage: model.Other},
		}},
		&model.Entity{Name: "Club", Table: "clubs", ID: ID(), Fields: []*model.Field{Name(true)}, Keys: []*model.Key{{Name: "name", Of: []string{"name"}}}, Edges: []*model.Edge{
			{Name: "members", GraphQL: "members", To: "Person", Back: "clubs", Storage: model.Join, Table: "memberships"},
			{Name: "chair", GraphQL: "chair", To: "Person", Unique: true, Required: true},
		}},
		&model.Entity{Name: "Membership", Table: "memberships", ID: ID(), Keys: []*model.Key{{Name: "personAndClub", Of: []string{"person", "club"}}}, Edges: []*model.Edge{
			{Name: "person", GraphQL: "person", To: "Person", Unique: true, Required: true},
			{Name: "club", GraphQL: "club", To: "Club", Unique: true, Required: true},
		}},
		&model.Entity{Name: "Pet", Table: "pets", ID: ID(), Fields: []*model.Field{Name(false)}},
		&model.Entity{Name: "Album", Table: "albums", ID: ID(), Fields: []*model.Field{Whole("year"), choice},
			Keys:  []*model.Key{{Name: "yearAndArtist", Of: []string{"year", "artist"}}, {Name: "sizeAndClub", Of: []string{"size", "club"}}},
			Edges: []*model.Edge{{Name: "artist", GraphQL: "artist", To: "Person", Unique: true, Required: true}, {Name: "club", GraphQL: "club", To: "Club", Unique: true, Required: true}}},
		&model.Entity{Name: "Track", Table: "tracks", ID: ID(), Fields: []*model.Field{Name(false), Whole("discs")}, Keys: []*model.Key{{Name: "nameAndDiscs", Of: []string{"name", "discs"}}}},
		&model.Entity{Name: "Single", Table: "singles", ID: ID(), Fields: []*model.Field{Whole("no")}, Keys: []*model.Key{{Name: "noAndTrack", Of: []string{"no", "track"}}},
			Edges: []*model.Edge{{Name: "track", GraphQL: "track", To: "Track", Unique: true}, {Name: "toys", GraphQL: "toys", To: "Toy", Back: "singles", Storage: model.Join, Table: "toys_of"}}},
		&model.Entity{Name: "Toy", Table: "toys", ID: ID(), Fields: []*model.Field{Name(false)}, Edges: []*model.Edge{{Name: "singles", GraphQL: "singles", To: "Single", Back: "toys", Storage: model.Join, Table: "toys_of", Required: true}}},
	)
}
