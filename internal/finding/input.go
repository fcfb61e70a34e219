package finding

import "fmt"

// Wrong is an error about the input as a whole, such as the command line, for which there is no position.
func Wrong(code Code, format string, args ...any) error {
	return Findings{{Code: code, Message: fmt.Sprintf(format, args...)}}
}

// At is an error about one position.
func At(at Position, code Code, format string, args ...any) error {
	return Findings{{Code: code, Position: at, Message: fmt.Sprintf(format, args...)}}
}

// IsInput reports whether an error says that the input is wrong, and not that the tool failed. It asks the outermost
// error of the chain that has an Input method; of joined errors, all must say so.
func IsInput(err error) bool {
	switch err := err.(type) { //nolint:errorlint // it walks the chain itself
	case interface{ Input() bool }:
		return err.Input()
	case interface{ Unwrap() error }:
		return IsInput(err.Unwrap())
	case interface{ Unwrap() []error }:
		joined := err.Unwrap()
		for _, one := range joined {
			if !IsInput(one) {
				return false
			}
		}
		return len(joined) > 0
	}
	return false
}

// Of are the findings in an error, and what is left of it: failures of the tool, or nil.
func Of(err error) (found Findings, failures []error) {
	switch e := err.(type) { //nolint:errorlint // it walks the chain itself
	case nil:
	case Findings:
		return e, nil
	case interface{ Unwrap() []error }:
		for _, one := range e.Unwrap() {
			more, failed := Of(one)
			found, failures = append(found, more...), append(failures, failed...)
		}
	case interface{ Unwrap() error }:
		if found, failures = Of(e.Unwrap()); len(found) == 0 {
			return nil, []error{err} // with the words around it
		}
	default:
		return nil, []error{err}
	}
	return found, failures
}
