package postgres

import (
	"bytes"
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"coppice/core/fault"
)

// rows are the rows of a statement, as ent reads them.
type rows struct {
	pgx.Rows
	server *server
	types  *pgtype.Map
	ctx    context.Context
	fields []pgconn.FieldDescription
	trace  *trace
	places string // the table whose rows they are places of, in the last column, or ""
	n      int
	end    func(error) error // once: gives back what the rows were read from, and returns what to tell
	closed bool
	err    error
}

// Next reports whether there is another row.
func (r *rows) Next() bool {
	r.trace.start()
	ok := r.Rows.Next()
	r.trace.stop()
	if ok {
		r.n++
		return true
	}
	_ = r.Close() // Err tells
	return false
}

// Close ends the reading.
func (r *rows) Close() error {
	if r.closed {
		return nil
	}
	r.closed = true
	r.Rows.Close()
	r.trace.record(max(r.n, int(r.Rows.CommandTag().RowsAffected())))
	r.err = r.end(r.server.fault(r.ctx, r.Rows.Err()))
	return nil
}

// Err is why there are no more rows, or nil.
func (r *rows) Err() error { return r.err }

// Columns are the names of the columns. A statement that failed has none.
func (r *rows) Columns() ([]string, error) {
	fields := r.FieldDescriptions()
	if len(fields) == 0 {
		_ = r.Close() // err tells
		if r.err != nil {
			return nil, r.err
		}
	}
	if r.places != "" {
		fields = fields[:len(fields)-1]
	}
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	return names, nil
}

// ColumnTypes implements ent's ColumnScanner.
func (r *rows) ColumnTypes() ([]*sql.ColumnType, error) {
	return nil, errors.New("database: the types of columns are told by database/sql: use DB")
}

// NextResultSet implements ent's ColumnScanner.
func (r *rows) NextResultSet() bool { return false }

// Scan reads the row. What a *any gets is of the types of package database/sql/driver,
// times being in UTC.
func (r *rows) Scan(dest ...any) error {
	if r.fields == nil {
		r.fields = r.FieldDescriptions()
	}
	raw := r.RawValues()
	if r.places != "" {
		if err := r.noted(raw); err != nil {
			return err
		}
		raw = raw[:len(raw)-1]
	}
	if len(raw) != len(dest) {
		return fmt.Errorf("database: %d columns were read into %d", len(raw), len(dest))
	}
	for i, d := range dest {
		f := r.fields[i]
		var err error
		switch d := d.(type) {
		case *any:
			*d, err = r.value(f, raw[i])
		case *driver.Value: // an id of ent's that is no number
			*d, err = r.value(f, raw[i])
		case sql.Scanner:
			var v any
			if v, err = r.value(f, raw[i]); err == nil {
				err = d.Scan(v)
			}
			if text, ok := v.(string); ok && err != nil && f.DataTypeOID == pgtype.TimestamptzOID {
				return &fault.Unreadable{What: "The value of " + f.Name, Value: text, Rule: "a Time is of the years 0 to 9999"}
			}
		default:
			err = r.types.Scan(f.DataTypeOID, f.Format, raw[i], d)
		}
		if err != nil {
			return fmt.Errorf("database: read the column %s: %w", f.Name, err)
		}
	}
	return nil
}

// value is a column's value; nil for null.
func (r *rows) value(f pgconn.FieldDescription, raw []byte) (any, error) {
	if raw == nil {
		return nil, nil //nolint:nilnil // SQL's null
	}
	switch f.DataTypeOID {
	case pgtype.TextOID, pgtype.VarcharOID, pgtype.JSONOID:
		return string(raw), nil
	case pgtype.Int8OID:
		if f.Format == pgx.BinaryFormatCode {
			return int64(binary.BigEndian.Uint64(raw)), nil
		}
	case pgtype.Int4OID:
		if f.Format == pgx.BinaryFormatCode {
			return int64(int32(binary.BigEndian.Uint32(raw))), nil
		}
	case pgtype.Float4OID:
		if f.Format == pgx.BinaryFormatCode {
			return float64(math.Float32frombits(binary.BigEndian.Uint32(raw))), nil
		}
	}
	t, ok := r.types.TypeForOID(f.DataTypeOID)
	if !ok {
		return string(raw), nil
	}
	v, err := t.Codec.DecodeDatabaseSQLValue(r.types, f.DataTypeOID, f.Format, raw)
	if b, ok := v.([]byte); ok && f.DataTypeOID != pgtype.ByteaOID {
		v = string(b)
	}
	if text, ok := v.(string); ok && f.DataTypeOID == pgtype.JSONBOID && err == nil {
		return compact(text)
	}
	return v, err
}

// compact is JSON without the spaces that jsonb is written with.
func compact(text string) (any, error) {
	var b bytes.Buffer
	err := json.Compact(&b, []byte(text))
	return b.String(), err
}
