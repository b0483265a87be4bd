package dynamodb

import "fmt"

// indexInput is what CreateTable and UpdateTable say of an index.
type indexInput struct {
	IndexName             string
	KeySchema             []keySchemaElement
	Projection            *projection
	ProvisionedThroughput *throughput

	OnDemandThroughput, WarmThroughput unserved
}

// Most of a table (developer guide, "Quotas in Amazon DynamoDB", secondary indexes).
const (
	mostGlobalIndexes    = 20
	mostLocalIndexes     = 5
	mostNonKeyAttributes = 100
)

// check refuses what is no index, whatever the table.
func (in *indexInput) check(onDemand, global bool) error {
	if err := refuse(parameter{"OnDemandThroughput", in.OnDemandThroughput}, parameter{"WarmThroughput", in.WarmThroughput}); err != nil {
		return err
	}
	if len(in.IndexName) < 3 || len(in.IndexName) > 255 || hasOther(in.IndexName) {
		return invalid("Invalid table/index name.  Table/index names must be between 3 and 255 characters long, and may contain only the characters a-z, A-Z, 0-9, '_', '-', and '.'")
	}
	if in.Projection == nil || in.Projection.ProjectionType == "" {
		return invalid("One or more parameter values were invalid: Unknown ProjectionType: null")
	}
	if err := oneOf("projection.projectionType", in.Projection.ProjectionType, "ALL", "INCLUDE", "KEYS_ONLY"); err != nil {
		return err
	}
	switch named := len(in.Projection.NonKeyAttributes); {
	case in.Projection.ProjectionType == "INCLUDE" && named == 0:
		return invalid("One or more parameter values were invalid: ProjectionType is INCLUDE, but NonKeyAttributes is not specified")
	case in.Projection.ProjectionType != "INCLUDE" && named > 0:
		return invalid("One or more parameter values were invalid: ProjectionType is %s, but NonKeyAttributes is specified", in.Projection.ProjectionType)
	case named > mostNonKeyAttributes:
		return invalid("One or more parameter values were invalid: NonKeyAttributes of index %s has more than %d names", in.IndexName, mostNonKeyAttributes)
	}
	return in.checkThroughput(onDemand, global)
}

func (in *indexInput) checkThroughput(onDemand, global bool) error {
	t := in.ProvisionedThroughput
	switch {
	case !global:
		return nil
	case onDemand && t != nil:
		return noIndexThroughput(in.IndexName)
	case onDemand:
		return nil
	case t == nil:
		return someIndexThroughput(in.IndexName)
	}
	return t.check(fmt.Sprintf("globalSecondaryIndexes.%s.", in.IndexName))
}

func noIndexThroughput(name string) error {
	return invalid("One or more parameter values were invalid: ProvisionedThroughput should not be specified for index: %s when BillingMode is PAY_PER_REQUEST", name)
}

func someIndexThroughput(name string) error {
	return invalid("One or more parameter values were invalid: ProvisionedThroughput is not specified for index: %s", name)
}
