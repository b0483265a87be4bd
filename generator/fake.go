package generator

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/brianvoe/gofakeit/v7"
)

// fakes are the fake data that a template may ask for: those of gofakeit that need no argument, and no clock.
func fakes(f *gofakeit.Faker) map[string]func() string {
	return map[string]func() string{
		"adjective": f.Adjective, "animal": f.Animal, "app": f.AppName, "bank": f.BankName, "book": f.BookTitle,
		"car_maker": f.CarMaker, "car_model": f.CarModel, "city": f.City, "color": f.Color, "company": f.Company,
		"country": f.Country, "country_code": f.CountryAbr, "currency": f.CurrencyLong, "currency_code": f.CurrencyShort,
		"domain": f.DomainName, "email": f.Email, "first_name": f.FirstName, "fruit": f.Fruit, "hobby": f.Hobby,
		"http_method": f.HTTPMethod, "ipv4": f.IPv4Address, "ipv6": f.IPv6Address, "job_title": f.JobTitle, "language": f.Language,
		"last_name": f.LastName, "mac": f.MacAddress, "mime_type": f.FileMimeType, "name": f.Name, "noun": f.Noun, "phone": f.Phone,
		"phrase": f.Phrase, "product": f.ProductName, "product_category": f.ProductCategory, "quote": f.Quote, "state": f.State,
		"state_code": f.StateAbr, "street": f.Street, "time_zone": f.TimeZone, "url": f.URL, "user_agent": f.UserAgent,
		"username": f.Username, "verb": f.Verb, "word": f.Word, "zip": f.Zip,
	}
}

// newFake is the template's function fake, drawing from r.
func newFake(r *random) func(name string) (string, error) {
	all := fakes(gofakeit.NewFaker(r, false))
	return func(name string) (string, error) {
		if draw, ok := all[name]; ok {
			return draw(), nil
		}
		return "", fmt.Errorf("there is no %q; there are %s", name, strings.Join(slices.Sorted(maps.Keys(all)), ", "))
	}
}
