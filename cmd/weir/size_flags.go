package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"weir/result"
	"weir/scenarios"
	"weir/sizing"
	"weir/sizing/price"
)

// sizeFlags are those of weir size alone.
type sizeFlags struct {
	find             []string
	runs             int
	outputShards     number
	resume           string
	prices           string
	priceRegion      string
	utilisation      float64
	restart, catchUp time.Duration
}

// sought is what is looked for, as far as it was given.
func (f *sizeFlags) sought() []scenarios.Sought {
	var list []scenarios.Sought
	for _, what := range f.find {
		list = append(list, scenarios.Sought(what))
	}
	return list
}

func (f *sizeFlags) headroom() sizing.Headroom {
	return sizing.Headroom{Utilisation: f.utilisation, Restart: f.restart, CatchUp: f.catchUp}
}

// list is the price list of the region.
func (f *sizeFlags) list(target string) (*price.List, error) {
	region := f.priceRegion
	if region == "" {
		region = target
	}
	if region == "" {
		region = defaultRegion
	}
	if f.prices == "" {
		list, err := price.Shipped(region)
		if errors.Is(err, price.ErrNoRegion) {
			return nil, hinted("--price-region names one of them, --prices a file of your own", err)
		}
		return list, err
	}
	file, err := os.Open(f.prices)
	if err != nil {
		return nil, &usageError{err: err}
	}
	defer func() { _ = file.Close() }() // it was read
	list, err := price.Read(file, region)
	if err != nil {
		return nil, &usageError{err: fmt.Errorf("%s: %w", f.prices, err)}
	}
	return list, nil
}

// keep writes the scenario down, so that who resumes can see that it is the same.
func (f *sizeFlags) keep(folder *result.Folder, s *scenarios.Scenario) error {
	return folder.WriteFile(result.ScenarioFile, func(w io.Writer) error {
		_, err := s.WriteTo(w)
		return err
	})
}

// sameQuestion says that the scenario of a search is another than the one that it is to be resumed with.
func (f *sizeFlags) sameQuestion(folder *result.Folder, s *scenarios.Scenario) error {
	was, err := os.ReadFile(scenarioFile(folder))
	if err != nil {
		return fmt.Errorf("resume: %w", err)
	}
	var is bytes.Buffer
	if _, err := s.WriteTo(&is); err != nil {
		return fmt.Errorf("resume: %w", err)
	}
	if !bytes.Equal(was, is.Bytes()) {
		return hinted("give the same scenario and the same flags, or begin a new search",
			fmt.Errorf("the search in %s is of another scenario than this one, or it has changed", folder.Path()))
	}
	return nil
}

// discard removes the folder of a search that has not begun.
func (f *sizeFlags) discard(folder *result.Folder) error {
	if f.resume != "" {
		return nil
	}
	if err := os.Remove(scenarioFile(folder)); err != nil {
		return err
	}
	if err := os.Remove(folder.Path()); err != nil {
		return err
	}
	_ = os.Remove(filepath.Dir(folder.Path())) // which may have been made with it, and goes only if it is empty
	return nil
}
