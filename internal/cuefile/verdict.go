package cuefile

import (
	"fmt"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/constraint"
	"spokewright.dev/spokewright/internal/finding"
)

// Judge reports every violation of a merged value at the user's position. It also returns the value with its invalid parts
// marked, so that checks of several fields can skip them.
func Judge(want *constraint.Constraint, merged, user *Node, in ...string) (*Node, finding.Findings) {
	problems := flawed(want, user, in)
	violations := want.Judge(merged.Data())
	sound, meant := merged, misspelt(violations, user)
	for _, path := range meant {
		sound = sound.WithInvalid(path...)
	}
	for _, v := range violations {
		at := merged.At(v.Path...)
		above := v.Path
		if v.Reason == constraint.UnknownField && at.Flaw != nil {
			above = v.Path[:len(v.Path)-1] // told instead of the flaw
		}
		if merged.HasInvalid(above...) {
			continue
		}
		sound = sound.WithInvalid(v.Path...)
		var problem finding.Finding
		switch v.Reason {
		case constraint.Missing:
			if user.PartlyKnown(v.Path) || within(meant, v.Path) {
				continue
			}
			problem = finding.Finding{Code: finding.MissingField, Position: user.At(v.Path...).Position, Message: "missing: allowed is " + allowed(v.Want)}
		case constraint.UnknownField:
			problem = unknownField(v)
			problem.Position = at.Label
		default:
			problem = mismatch(at, v)
			problem.Position = at.Position
		}
		problem.Path = finding.Tokens(append(slices.Clip(in), v.Path...)...)
		problems = append(problems, problem)
	}
	return sound, problems
}

// misspelt are the paths that unknown fields were probably meant for: what stands there is not known.
func misspelt(violations []constraint.Violation, user *Node) [][]string {
	var meant [][]string
	for _, v := range violations {
		if v.Reason != constraint.UnknownField {
			continue
		}
		last := len(v.Path) - 1
		if near := finding.Suggest(v.Path[last], v.Allowed); near != "" {
			path := append(slices.Clone(v.Path[:last]), near)
			if user.Find(path...) == nil {
				meant = append(meant, path)
			}
		}
	}
	return meant
}

// within says whether a path is one of some, or lies below one.
func within(paths [][]string, path []string) bool {
	return slices.ContainsFunc(paths, func(above []string) bool {
		return len(above) <= len(path) && slices.Equal(above, path[:len(above)])
	})
}

// PartlyKnown says whether a struct on the way to a path has something in it that is not known.
func (n *Node) PartlyKnown(path []string) bool {
	for _, name := range path {
		if n == nil || n.Incomplete || n.Invalid {
			break
		}
		n = n.Child(name)
	}
	return n != nil && (n.Incomplete || n.Invalid)
}

// flawed tells of the values whose text is wrong, with what is allowed in their place.
func flawed(want *constraint.Constraint, n *Node, path []string) finding.Findings {
	var problems finding.Findings
	if n.Flaw != nil && n.Flaw.message != "" {
		problem := n.Flaw.finding()
		if n.Invalid && want != nil && !strings.HasSuffix(n.Flaw.message, "?") {
			problem = Instead(want, n.Flaw)
		}
		problem.Path = finding.Tokens(path...)
		problems = append(problems, problem)
	}
	for name, below := range n.Fields {
		if want != nil && want.Closed && Inside(want, name) == nil {
			continue // there is no such field
		}
		problems = append(problems, flawed(Inside(want, name), below, append(slices.Clip(path), name))...)
	}
	for i, below := range n.Items {
		problems = append(problems, flawed(Inside(want, fmt.Sprint(i)), below, append(slices.Clip(path), fmt.Sprint(i)))...)
	}
	return problems
}

func (f *flaw) finding() finding.Finding {
	return finding.Finding{Code: f.code, Position: f.Position, Message: f.message}
}

// Instead is the finding about a flaw, with what may stand in its place.
func Instead(want *constraint.Constraint, f *flaw) finding.Finding {
	problem, word := f.finding(), f.word
	switch {
	case word == "" || want.Kinds&constraint.String != 0 && len(want.Judge(word)) > 0:
		problem.Message += "; allowed is " + allowed(want)
		problem.Suggestion = finding.Suggest(word, words(want))
	case want.Kinds&constraint.String != 0:
		problem.Message = fmt.Sprintf("found %s without quotes, allowed is %q", word, word)
	default:
		problem.Message = "found " + word + ", allowed is " + allowed(want)
	}
	return problem
}

// Inside is the constraint on a field or an item of what another one constrains; nil where it is not known.
func Inside(want *constraint.Constraint, name string) *constraint.Constraint {
	if want == nil {
		return nil
	}
	for _, field := range want.Fields {
		if field.Name == name {
			return field.Value
		}
	}
	for _, pattern := range want.Patterns {
		if len(pattern.Name.Judge(name)) == 0 {
			return pattern.Value
		}
	}
	return want.Elements
}

// unknownField is about a name that a struct does not have, or that no name can be.
func unknownField(v constraint.Violation) finding.Finding {
	name := v.Path[len(v.Path)-1]
	if len(v.Allowed) == 0 && len(v.Want.Patterns) == 1 {
		return finding.Finding{Code: finding.WrongValue, Message: "found the name " + finding.Quote(name) + ", allowed is " + allowed(v.Want.Patterns[0].Name)}
	}
	problem := finding.Finding{Code: finding.UnknownField, Message: "no such field", Suggestion: finding.Suggest(name, v.Allowed)}
	if len(v.Allowed) > 0 {
		problem.Aside = "allowed are " + strings.Join(v.Allowed, ", ")
	}
	return problem
}

// mismatch is about a value that is not what is allowed.
func mismatch(at *Node, v constraint.Violation) finding.Finding {
	problem := finding.Finding{Code: finding.WrongValue, Message: Found(v.Found)}
	if at.text != "" {
		problem.Message = "found " + at.text // 1.30 is not 1.3
	}
	if len(v.Path) == 0 {
		problem.Message += ", allowed are fields, each a name and a value"
		return problem
	}
	problem.Message += ", allowed is " + allowed(v.Want)
	switch value := v.Found.(type) {
	case string:
		problem.Suggestion = finding.Suggest(value, words(v.Want))
	case float64, int64:
		written := at.text
		if written == "" {
			written = fmt.Sprint(value)
		}
		if v.Want.Kinds&constraint.String != 0 && len(v.Want.Judge(written)) == 0 {
			problem.Message += fmt.Sprintf("; write %q", written)
		}
	}
	return problem
}
