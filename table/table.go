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

// Observer is told of rows on their way to the table, and which are there. Calls may come at once; rows is valid only during the call.
//
// Each row of a [Table.Handle] that makes a call to DynamoDB is told of once by Writing, and then once by Written or Abandoned. A row that comes twice in one
// Handle is told of twice.
type Observer interface {
	// Writing is told of the rows of a Handle before its first attempt, at the time at.
	Writing(rows []record.Row, at time.Duration)
	// Written is told of rows once DynamoDB has acknowledged them, at the time at.
	Written(rows []record.Row, at time.Duration)
	// Abandoned is told of the rows of a Handle that ends with an error, at the time at, that DynamoDB has not acknowledged. They may be stored all the same.
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
