package scenarios

import "strings"

// validateExpect reads the expectations, each by itself; whether what they ask for is measured is for the plan to say.
func (s *Scenario) validateExpect(p *problems) {
	for i, text := range s.Expect {
		if strings.TrimSpace(text) == "" {
			p.add(index("expect", i), "is empty")
		}
	}
}
