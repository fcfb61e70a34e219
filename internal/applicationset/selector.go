package applicationset

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/finding"
)

// selector is a selector of labels, as Kubernetes has it.
type selector struct {
	MatchLabels      map[string]string `json:"matchLabels"`
	MatchExpressions []struct {
		Key      string   `json:"key"`
		Operator string   `json:"operator"`
		Values   []string `json:"values"`
	} `json:"matchExpressions"`
}

var (
	// part is the name of a label behind its prefix, and a value too where it is not empty.
	part = regexp.MustCompile(`^([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]$`)
	// anyValue lets every value of a selector pass, as Argo CD does where parameters are selected and not labels.
	anyValue = regexp.MustCompile(``)
	// labelValue is what a label may be.
	labelValue = regexp.MustCompile(`^(([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9])?$`)
)

// valid says what is wrong with a selector whose values must look like this.
func (s *selector) valid(value *regexp.Regexp) error {
	if s == nil {
		return nil
	}
	for _, key := range slices.Sorted(maps.Keys(s.MatchLabels)) {
		if err := validRequirement(key, []string{s.MatchLabels[key]}, value); err != nil {
			return err
		}
	}
	for _, expression := range s.MatchExpressions {
		if err := validRequirement(expression.Key, expression.Values, value); err != nil {
			return err
		}
		switch wants := len(expression.Values) > 0; expression.Operator {
		case "In", "NotIn":
			if !wants {
				return fmt.Errorf("%s with the operator %s has no values", expression.Key, expression.Operator)
			}
		case "Exists", "DoesNotExist":
			if wants {
				return fmt.Errorf("%s with the operator %s has values", expression.Key, expression.Operator)
			}
		default:
			return fmt.Errorf("no operator is called %s; allowed are In, NotIn, Exists, DoesNotExist", finding.Quote(expression.Operator))
		}
	}
	return nil
}

func validRequirement(key string, values []string, value *regexp.Regexp) error {
	prefix, title, found := strings.Cut(key, "/")
	if !found {
		prefix, title = "example", key
	}
	if len(prefix) > 253 || !name.MatchString(prefix) || !part.MatchString(title) {
		return fmt.Errorf("%s is no key of a label", finding.Quote(key))
	}
	for _, one := range values {
		if !value.MatchString(one) {
			return fmt.Errorf("%s is no value of a label", finding.Quote(one))
		}
	}
	return nil
}

func (s *selector) empty() bool { return len(s.MatchLabels) == 0 && len(s.MatchExpressions) == 0 }

func (s *selector) matches(labels map[string]string) bool {
	for key, value := range s.MatchLabels {
		if found, ok := labels[key]; !ok || found != value {
			return false
		}
	}
	for _, expression := range s.MatchExpressions {
		value, has := labels[expression.Key]
		listed := has && slices.Contains(expression.Values, value)
		switch expression.Operator {
		case "In":
			has = listed
		case "NotIn":
			has = !listed
		case "DoesNotExist":
			has = !has
		}
		if !has {
			return false
		}
	}
	return true
}
