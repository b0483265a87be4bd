package parquet

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"

	"weir/record"
)

// appendFunc appends a value that is there as JSON.
type appendFunc func(to []byte, v *parquet.Value) []byte

// annotation says whether a group is a list or a map.
func annotation(e *format.SchemaElement) (list, mapping bool) {
	switch e.LogicalType.Value.(type) {
	case *format.ListType:
		return true, false
	case *format.MapType:
		return false, true
	}
	if !e.ConvertedType.Valid {
		return false, false
	}
	switch e.ConvertedType.V {
	case deprecated.List:
		return true, false
	case deprecated.Map, deprecated.MapKeyValue:
		return false, true
	}
	return false, false
}

// newAppend is how a leaf's values are written, nil where they are not read.
func newAppend(e *format.SchemaElement) appendFunc {
	if f, known := byLogicalType(e); known {
		return f
	}
	if e.ConvertedType.Valid {
		if f, known := byConvertedType(e); known {
			return f
		}
	}
	switch e.Type.V {
	case format.Boolean:
		return func(to []byte, v *parquet.Value) []byte { return strconv.AppendBool(to, v.Boolean()) }
	case format.Int32:
		return func(to []byte, v *parquet.Value) []byte { return strconv.AppendInt(to, int64(v.Int32()), 10) }
	case format.Int64:
		return func(to []byte, v *parquet.Value) []byte { return strconv.AppendInt(to, v.Int64(), 10) }
	case format.Int96:
		return appendInt96
	case format.Float:
		return func(to []byte, v *parquet.Value) []byte { return appendFloat(to, float64(v.Float()), 32) }
	case format.Double:
		return func(to []byte, v *parquet.Value) []byte { return appendFloat(to, v.Double(), 64) }
	case format.ByteArray, format.FixedLenByteArray:
		return appendBytes
	}
	return nil
}

// byLogicalType is known where the leaf has one that decides.
func byLogicalType(e *format.SchemaElement) (f appendFunc, known bool) {
	switch t := e.LogicalType.Value.(type) {
	case *format.StringType, *format.EnumType:
		return appendBytes, true
	case *format.JsonType:
		return appendJSON, true
	case *format.UUIDType:
		return appendUUID, true
	case *format.Float16Type:
		return appendFloat16, true
	case *format.DecimalType:
		return decimal(e.Type.V, int(t.Scale)), true
	case *format.DateType:
		return appendDate, true
	case *format.TimeType:
		return clock(perSecond(&t.Unit)), true
	case *format.TimestampType:
		return timestamp(perSecond(&t.Unit), t.IsAdjustedToUTC), true
	case *format.IntType:
		return integer(e.Type.V, !t.IsSigned), true
	case *format.NullType:
		return func(to []byte, _ *parquet.Value) []byte { return append(to, "null"...) }, true
	case *format.VariantType, *format.GeometryType, *format.GeographyType:
		return nil, true
	}
	return nil, false
}

func perSecond(u *format.TimeUnit) int64 {
	switch u.Value.(type) {
	case *format.MilliSeconds:
		return 1e3
	case *format.MicroSeconds:
		return 1e6
	}
	return 1e9
}

// byConvertedType is for files of before there were logical types.
func byConvertedType(e *format.SchemaElement) (f appendFunc, known bool) {
	switch e.ConvertedType.V {
	case deprecated.UTF8, deprecated.Enum:
		return appendBytes, true
	case deprecated.Json:
		return appendJSON, true
	case deprecated.Decimal:
		return decimal(e.Type.V, int(e.Scale.V)), true
	case deprecated.Date:
		return appendDate, true
	case deprecated.TimeMillis:
		return clock(1e3), true
	case deprecated.TimeMicros:
		return clock(1e6), true
	case deprecated.TimestampMillis:
		return timestamp(1e3, true), true
	case deprecated.TimestampMicros:
		return timestamp(1e6, true), true
	case deprecated.Uint8, deprecated.Uint16, deprecated.Uint32, deprecated.Uint64:
		return integer(e.Type.V, true), true
	case deprecated.Interval:
		return nil, true
	}
	return nil, false
}

func integer(t format.Type, unsigned bool) appendFunc {
	switch {
	case t == format.Int32 && unsigned:
		return func(to []byte, v *parquet.Value) []byte { return strconv.AppendUint(to, uint64(v.Uint32()), 10) }
	case t == format.Int64 && unsigned:
		return func(to []byte, v *parquet.Value) []byte { return strconv.AppendUint(to, v.Uint64(), 10) }
	case t == format.Int32:
		return func(to []byte, v *parquet.Value) []byte { return strconv.AppendInt(to, int64(v.Int32()), 10) }
	}
	return func(to []byte, v *parquet.Value) []byte { return strconv.AppendInt(to, v.Int64(), 10) }
}

// appendFloat writes what JSON has no number for as null.
func appendFloat(to []byte, f float64, bits int) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(to, "null"...)
	}
	form := byte('f')
	if size := math.Abs(f); size != 0 && (size < 1e-6 || size >= 1e21) {
		form = 'e'
	}
	return strconv.AppendFloat(to, f, form, -1, bits)
}

// appendFloat16 reads IEEE 754's half precision.
func appendFloat16(to []byte, v *parquet.Value) []byte {
	b := v.ByteArray()
	if len(b) != 2 {
		return append(to, "null"...)
	}
	bits := binary.LittleEndian.Uint16(b)
	exponent, fraction := int(bits>>10&31), float64(bits&1023)
	f := 0.0
	switch exponent {
	case 0:
		f = math.Ldexp(fraction, -24)
	case 31:
		return append(to, "null"...)
	default:
		f = math.Ldexp(1024+fraction, exponent-25)
	}
	if bits>>15 == 1 {
		f = -f
	}
	return appendFloat(to, f, 32)
}

// appendBytes writes text as it is, and bytes that are none in Base64.
func appendBytes(to []byte, v *parquet.Value) []byte {
	b := v.ByteArray()
	if !utf8.Valid(b) {
		to = append(to, '"')
		return append(base64.StdEncoding.AppendEncode(to, b), '"')
	}
	return record.AppendString(to, b)
}

// appendJSON embeds JSON; a line end in it is none of a record.
func appendJSON(to []byte, v *parquet.Value) []byte {
	b := v.ByteArray()
	if !json.Valid(b) {
		return appendBytes(to, v)
	}
	for _, c := range b {
		if c == '\n' || c == '\r' {
			c = ' '
		}
		to = append(to, c)
	}
	return to
}

func appendUUID(to []byte, v *parquet.Value) []byte {
	b := v.ByteArray()
	if len(b) != 16 {
		return appendBytes(to, v)
	}
	to = append(to, '"')
	for i, part := range [...][]byte{b[:4], b[4:6], b[6:8], b[8:10], b[10:]} {
		if i > 0 {
			to = append(to, '-')
		}
		to = hex.AppendEncode(to, part)
	}
	return append(to, '"')
}

// decimal writes an unscaled integer with its point.
func decimal(t format.Type, scale int) appendFunc {
	switch t {
	case format.Int32:
		return func(to []byte, v *parquet.Value) []byte { return appendScaled(to, int64(v.Int32()), scale) }
	case format.Int64:
		return func(to []byte, v *parquet.Value) []byte { return appendScaled(to, v.Int64(), scale) }
	}
	return func(to []byte, v *parquet.Value) []byte {
		b := v.ByteArray()
		if len(b) <= 8 {
			n := int64(0)
			if len(b) > 0 && b[0]&0x80 != 0 {
				n = -1
			}
			for _, c := range b {
				n = n<<8 | int64(c)
			}
			return appendScaled(to, n, scale)
		}
		n := new(big.Int).SetBytes(b)
		if b[0]&0x80 != 0 {
			n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
		}
		return appendPoint(to, n.String(), scale)
	}
}

func appendScaled(to []byte, n int64, scale int) []byte {
	if scale == 0 {
		return strconv.AppendInt(to, n, 10)
	}
	return appendPoint(to, strconv.FormatInt(n, 10), scale)
}

// maxScale bounds how many zeros a decimal's point may cost.
const maxScale = 1000

func appendPoint(to []byte, digits string, scale int) []byte {
	if scale <= 0 || scale > maxScale {
		to = append(to, digits...)
		if scale != 0 {
			to = strconv.AppendInt(append(to, 'e'), int64(-scale), 10)
		}
		return to
	}
	if rest, negative := strings.CutPrefix(digits, "-"); negative {
		to, digits = append(to, '-'), rest
	}
	if missing := scale + 1 - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	to = append(to, digits[:len(digits)-scale]...)
	return append(append(to, '.'), digits[len(digits)-scale:]...)
}

func appendDate(to []byte, v *parquet.Value) []byte {
	return time.Unix(int64(v.Int32())*86400, 0).UTC().AppendFormat(to, `"`+time.DateOnly+`"`)
}

// clock writes a time of day.
func clock(perSecond int64) appendFunc {
	return func(to []byte, v *parquet.Value) []byte {
		n := v.Int64()
		if v.Kind() == parquet.Int32 {
			n = int64(v.Int32())
		}
		at := time.Unix(n/perSecond, n%perSecond*(1e9/perSecond)).UTC()
		return at.AppendFormat(to, `"15:04:05`+fraction(n%perSecond, perSecond)+`"`)
	}
}

// timestamp writes an instant in UTC, and a local time, which stands for no instant, without a zone.
func timestamp(perSecond int64, utc bool) appendFunc {
	zone := ""
	if utc {
		zone = "Z"
	}
	return func(to []byte, v *parquet.Value) []byte {
		n := v.Int64()
		seconds, below := n/perSecond, n%perSecond
		if below < 0 {
			seconds, below = seconds-1, below+perSecond
		}
		return appendInstant(to, seconds, below*(1e9/perSecond), fraction(below, perSecond), zone)
	}
}

// appendInt96 reads nanoseconds of a day and a Julian day, as Impala, Hive and older Sparks write timestamps. They mean UTC.
func appendInt96(to []byte, v *parquet.Value) []byte {
	n := v.Int96()
	nanos := int64(uint64(n[1])<<32 | uint64(n[0]))
	const epoch = 2440588 // the Julian day of 1970-01-01
	seconds, below := (int64(n[2])-epoch)*86400+nanos/1e9, nanos%1e9
	if below < 0 { // a library may count back from the day
		seconds, below = seconds-1, below+1e9
	}
	return appendInstant(to, seconds, below, fraction(below, 1e9), "Z")
}

func appendInstant(to []byte, seconds, nanos int64, fraction, zone string) []byte {
	at := time.Unix(seconds, nanos).UTC()
	year, month, day := at.Date()
	if year < 0 || year > 9999 {
		return at.AppendFormat(to, `"`+time.RFC3339Nano+`"`)
	}
	hour, minute, second := at.Clock()
	to = append(to, '"', byte('0'+year/1000), byte('0'+year/100%10))
	to = append(appendTwo(to, year%100), '-')
	to = append(appendTwo(to, int(month)), '-')
	to = append(appendTwo(to, day), 'T')
	to = append(appendTwo(to, hour), ':')
	to = append(appendTwo(to, minute), ':')
	to = appendTwo(to, second)
	if fraction != "" {
		const digits = 9
		text := strconv.FormatInt(nanos+1e9, 10)[1:]
		to = append(append(to, '.'), text[:min(len(fraction)-1, digits)]...)
	}
	return append(append(to, zone...), '"')
}

func appendTwo(to []byte, n int) []byte { return append(to, byte('0'+n/10), byte('0'+n%10)) }

// fraction is the layout of what is below a second, empty where it is nothing.
func fraction(below, perSecond int64) string {
	switch {
	case below == 0:
		return ""
	case perSecond == 1e3:
		return ".000"
	case perSecond == 1e6:
		return ".000000"
	}
	return ".000000000"
}
