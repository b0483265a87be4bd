// Package table holds the rows in DynamoDB: it makes the table, puts rows into it and reads all of them back.
//
// Every put is the whole item of its row, without a condition unless asked for, so that a row that is written twice is written once. That is why
// a call whose outcome is not known, because no answer came, is simply made again: should both be stored, in whatever order, the
// item is the same.
package table

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"weir/record"
)

// Client is what the table asks of DynamoDB; *dynamodb.Client is one. Its own retries are to be off: the table makes them.
type Client interface {
	CreateTable(context.Context, *dynamodb.CreateTableInput, ...func(*dynamodb.Options)) (*dynamodb.CreateTableOutput, error)
	DescribeTable(context.Context, *dynamodb.DescribeTableInput, ...func(*dynamodb.Options)) (*dynamodb.DescribeTableOutput, error)
	DeleteTable(context.Context, *dynamodb.DeleteTableInput, ...func(*dynamodb.Options)) (*dynamodb.DeleteTableOutput, error)
	BatchWriteItem(context.Context, *dynamodb.BatchWriteItemInput, ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error)
	PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
	Scan(context.Context, *dynamodb.ScanInput, ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error)
}

// Observer follows rows on their way to the table. Calls may come at once; rows is valid only during the call.
//
// Each row of a [Table.Handle] comes once in Writing, and then once in Written or Abandoned; a row that is there twice comes twice. A Handle that has no rows, or a
// row that no item can hold, makes no call to DynamoDB, and none of these.
type Observer interface {
	// Writing gets the rows of a Handle before its first attempt, at the time at.
	Writing(rows []record.Row, at time.Duration)
	// Written gets rows once DynamoDB has acknowledged them, at the time at.
	Written(rows []record.Row, at time.Duration)
	// Abandoned gets the rows that DynamoDB has not acknowledged when their Handle ends with an error, at the time at. They may be stored all the same.
	Abandoned(rows []record.Row, at time.Duration)
}

// Config is what a [Table] is made with.
type Config struct {
	Client Client
	// Name is the table's name, 3 to 255 characters (DynamoDB developer guide, "Naming rules and data types").
	Name string
	// WriteCapacity is the table's, in units a second; 0 makes it on-demand. Its read capacity is as much, for the proof reads what was written.
	WriteCapacity int64
	// Pace is how many write units a second the table is asked for at most; 0 is as many as there are rows for.
	Pace float64
	// Conditional keeps a row that is there and counts more than the one to be written, at the price of a call a row.
	Conditional bool
	// Tags are given to the table when it is made.
	Tags map[string]string
	// Clock tells when a row was acknowledged.
	Clock record.Clock
	// Observer may be nil.
	Observer Observer
}

// Table is a DynamoDB table of rows. It is safe for concurrent use.
type Table struct {
	config Config
	pacer  *pacer
	use    use
}

// New makes a Table. It asks nothing of DynamoDB: the table may be there already, or be made by Create.
func New(config Config) *Table {
	return &Table{config: config, pacer: newPacer(config.Clock, config.Pace)}
}
