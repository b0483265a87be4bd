package scenarios

import "strings"

// validateExpect reads the expectations.
func (s *Scenario) validateExpect(p *problems) {
	for i, text := range s.Expect {
		if strings.TrimSpace(text) == "" {
			p.add(index("expect", i), "is empty")
		}
	}
}
