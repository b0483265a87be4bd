package foreign

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// translation is a placeholder in the words of weir's templates.
type translation struct {
	template     string
	note         string // what is not as it was
	time, number bool
}

// fakes are the names of faker.js (version 3, which the generator has) whose data gofakeit has, too.
var fakes = map[string]string{
	"name.firstName": "first_name", "name.lastName": "last_name", "name.findName": "name", "name.jobTitle": "job_title",
	"address.city": "city", "address.country": "country", "address.countryCode": "country_code", "address.state": "state", "address.stateAbbr": "state_code",
	"address.streetName": "street", "address.streetAddress": "street", "address.zipCode": "zip",
	"internet.ip": "ipv4", "internet.ipv6": "ipv6", "internet.email": "email", "internet.exampleEmail": "email", "internet.userName": "username", "internet.url": "url",
	"internet.domainName": "domain", "internet.mac": "mac", "internet.userAgent": "user_agent",
	"company.companyName": "company", "commerce.color": "color", "commerce.product": "product", "commerce.productName": "product", "commerce.department": "product_category",
	"phone.phoneNumber": "phone", "finance.currencyCode": "currency_code", "finance.currencyName": "currency",
	"lorem.word": "word", "random.word": "word", "lorem.sentence": "phrase", "hacker.noun": "noun", "hacker.verb": "verb", "hacker.adjective": "adjective", "hacker.phrase": "phrase",
	"system.mimeType": "mime_type", "database.column": "noun",
}

// translator says a placeholder in weir's words, by its arguments, and by whether it stands in a string.
type translator func(arguments string, quoted bool) (translation, error)

// translators are those of the placeholders that are more than a fake.
var translators = map[string]translator{
	"date.now": translateTime, "date.utc": translateTime, "current.timestamp": translateTime, "date.simTime": translateSimulatedTime,
	"date.past": translateSomeDate, "date.recent": translateSomeDate, "date.future": translateSomeDate,
	"random.number": translateNumber, "random.float": translateFloat,
	"random.arrayElement": translateElement, "random.weightedArrayElement": translateWeighted, "random.alphaNumeric": translateAlphanumeric,
	"random.boolean": always(translation{template: "{{pick true false}}"}),
	"commerce.price": always(priced), "finance.amount": always(priced),
	"address.latitude":  always(translation{template: "{{float -90 90 4}}", number: true}),
	"address.longitude": always(translation{template: "{{float -180 180 4}}", number: true}),
	"random.uuid":       text("{{uuid}}"),
	"internet.color":    text("#{{hex 6}}"),
	"internet.password": text("{{hex 15}}"),
	"finance.account":   text("{{int 10000000 99999999}}"),
}

var priced = translation{template: "{{float 0 1000 2}}", number: true}

func always(t translation) translator {
	return func(string, bool) (translation, error) { return t, nil }
}

func text(template string) translator {
	return func(_ string, quoted bool) (translation, error) { return asText(template, quoted), nil }
}

// translate says a placeholder in weir's words. The error says why it cannot be said.
func translate(name, arguments string, quoted bool) (translation, error) {
	if say, known := translators[name]; known {
		return say(arguments, quoted)
	}
	fake, known := fakes[name]
	if !known {
		return translation{}, errors.New("weir's templates have nothing like it: see Payloads in docs/scenarios.md, and write what is meant, as {{pick …}} or {{fake \"…\"}}")
	}
	t := translation{template: fmt.Sprintf("{{json (fake %q)}}", fake)}
	if quoted { // the text itself may have quotes in it
		t.template = fmt.Sprintf("{{fake %q}}", fake)
	}
	if arguments != "" {
		t.note = "its argument is left out"
	}
	return t, nil
}

func translateSimulatedTime(arguments string, quoted bool) (translation, error) {
	t, err := translateTime(arguments, quoted)
	t.note = "weir has no simulated time: it is the time at which the record is due"
	return t, err
}

// translateSomeDate is of a date by chance, which weir's templates have not.
func translateSomeDate(_ string, quoted bool) (translation, error) {
	t, err := translateTime("", quoted)
	t.note = "weir has no date by chance: it is the time at which the record is due"
	return t, err
}

func translateAlphanumeric(arguments string, quoted bool) (translation, error) {
	n := 1
	if arguments != "" && json.Unmarshal([]byte(arguments), &n) != nil || n < 0 || n > 10_000 {
		return translation{}, fmt.Errorf("%s is no number of characters", arguments)
	}
	t := asText(fmt.Sprintf("{{hex %d}}", n), quoted)
	t.note = "its characters are those of hexadecimal numbers"
	return t, nil
}

// asText puts quotes around what is text, where the template has none.
func asText(template string, quoted bool) translation {
	if !quoted {
		template = `"` + template + `"`
	}
	return translation{template: template}
}

// translateTime knows two of moment.js's formats; in any other, the time is RFC 3339.
func translateTime(arguments string, quoted bool) (translation, error) {
	var format string
	if arguments != "" && json.Unmarshal([]byte(arguments), &format) != nil {
		return translation{}, fmt.Errorf("%s is no format of moment.js", arguments)
	}
	if format == "x" {
		return translation{template: "{{.EventTimeMillis}}", time: true}, nil
	}
	t := asText("{{.EventTime}}", quoted)
	zoned := strings.HasSuffix(format, "Z") || strings.HasSuffix(format, "[Z]")
	if t.time = true; format != "" && !(zoned && strings.HasPrefix(format, "YYYY-MM-DDTHH:mm:ss")) {
		t.note = fmt.Sprintf("the time is RFC 3339, and not of the format %q", format)
	}
	return t, nil
}

// translateNumber reads a greatest number, or {"min":…,"max":…,"precision":…}; without one it is 0 to 99999.
func translateNumber(arguments string, _ bool) (translation, error) {
	from, to, precision, err := bounds(arguments, 99999)
	if err != nil {
		return translation{}, err
	}
	t := inDecimals(from, to, precision)
	if precision >= 1 && from == math.Trunc(from) && to == math.Trunc(to) {
		t.template = fmt.Sprintf("{{int %.0f %.0f}}", from, to)
	}
	return t, nil
}

func translateFloat(arguments string, _ bool) (translation, error) {
	from, to, precision, err := bounds(arguments, 99999)
	if err != nil {
		return translation{}, err
	}
	if precision == 1 {
		precision = 0.01
	}
	return inDecimals(from, to, precision), nil
}

func inDecimals(from, to, precision float64) translation {
	decimals := max(0, min(10, int(math.Ceil(-math.Log10(precision)))))
	t := translation{
		template: fmt.Sprintf("{{float %s %s %d}}", strconv.FormatFloat(from, 'f', -1, 64), strconv.FormatFloat(to, 'f', -1, 64), decimals), number: true,
	}
	if step := math.Pow10(-decimals); math.Abs(precision-step) > step*1e-9 {
		t.note = fmt.Sprintf("its precision of %s is not kept: it is a multiple of %s", strconv.FormatFloat(precision, 'f', -1, 64), strconv.FormatFloat(step, 'f', -1, 64))
	}
	return t
}

func bounds(arguments string, most float64) (from, to, precision float64, err error) {
	to, precision = most, 1
	if arguments == "" {
		return from, to, precision, nil
	}
	if json.Unmarshal([]byte(arguments), &to) != nil {
		given := struct{ Min, Max, Precision *float64 }{&from, &to, &precision}
		if err := json.Unmarshal([]byte(arguments), &given); err != nil {
			return 0, 0, 0, fmt.Errorf("%s has no numbers as min and max", arguments)
		}
	}
	if !(from <= to) || precision <= 0 || math.Abs(from) > 1<<53 || math.Abs(to) > 1<<53 {
		return 0, 0, 0, fmt.Errorf("%s is no range of numbers", arguments)
	}
	return from, to, precision, nil
}

func translateElement(arguments string, quoted bool) (translation, error) {
	elements, numbers, err := elementsOf(arguments, quoted)
	if err != nil {
		return translation{}, err
	}
	return translation{template: "{{pick " + strings.Join(elements, " ") + "}}", number: numbers}, nil
}

// elementsOf are the elements of a JSON array as a template of Go's has them.
func elementsOf(text string, quoted bool) (elements []string, numbers bool, err error) {
	var values []any
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&values); err != nil || len(values) == 0 {
		return nil, false, fmt.Errorf("%.60s is no list of elements", text)
	}
	numbers = true
	for _, value := range values {
		switch v := value.(type) {
		case json.Number: // as text, so that its digits stay
			elements = append(elements, strconv.Quote(v.String()))
		case nil:
			elements, numbers = append(elements, `"null"`), false
		case bool:
			elements, numbers = append(elements, strconv.FormatBool(v)), false
		case string:
			inner, _ := json.Marshal(v)
			if quoted {
				inner = inner[1 : len(inner)-1]
			}
			elements, numbers = append(elements, strconv.Quote(string(inner))), false
		default:
			return nil, false, fmt.Errorf("%.60s has an element that is a list or an object", text)
		}
	}
	return elements, numbers, nil
}

// maxPicks bounds how often elements are repeated to have their weights.
const maxPicks = 100

// translateWeighted repeats each element as often as its weight asks for.
func translateWeighted(arguments string, quoted bool) (t translation, err error) {
	var given struct {
		Weights []float64
		Data    json.RawMessage
	}
	if err := json.Unmarshal([]byte(arguments), &given); err != nil {
		return t, fmt.Errorf("%.60s has no weights and data", arguments)
	}
	elements, numbers, err := elementsOf(string(given.Data), quoted)
	if err != nil {
		return t, err
	}
	if len(elements) != len(given.Weights) {
		return t, fmt.Errorf("it has %d weights for %d elements", len(given.Weights), len(elements))
	}
	times, exact, err := repetitions(given.Weights)
	if err != nil {
		return t, err
	}
	var all []string
	for i, n := range times {
		all = append(all, slices.Repeat([]string{elements[i]}, n)...)
	}
	t = translation{template: "{{pick " + strings.Join(all, " ") + "}}", number: numbers}
	if !exact {
		t.note = fmt.Sprintf("its weights are rounded to %dths", len(all))
	}
	return t, nil
}

// repetitions are whole numbers that are to each other as the weights, or nearly so.
func repetitions(weights []float64) (times []int, exact bool, err error) {
	sum := 0.0
	for _, w := range weights {
		if !(w >= 0) || math.IsInf(w, 1) {
			return nil, false, errors.New("a weight is below zero")
		}
		sum += w
	}
	if sum <= 0 {
		return nil, false, errors.New("its weights are all zero")
	}
	for n := 1; n <= maxPicks; n++ {
		times, exact = times[:0], true
		for _, w := range weights {
			share := w / sum * float64(n)
			times = append(times, int(math.Round(share)))
			exact = exact && math.Abs(share-math.Round(share)) < 1e-6
		}
		if exact {
			return times, true, nil
		}
	}
	for i, w := range weights {
		if w > 0 && times[i] == 0 {
			times[i] = 1
		}
	}
	return times, false, nil
}
