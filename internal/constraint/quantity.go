package constraint

import (
	"fmt"
	"math"
	"math/big"
	"regexp"
	"strconv"
)

// QuantityForm is how Kubernetes writes quantities (k8s.io/apimachinery, pkg/api/resource): a decimal number and a
// suffix, binary, decimal or an exponent.
var QuantityForm = regexp.MustCompile(`^([+-]?(?:[0-9]+(?:[.][0-9]*)?|[.][0-9]+))(|[KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]{1,2})$`)

// MostQuantity is the largest that Kubernetes holds: it cuts larger ones off here.
const MostQuantity = math.MaxInt64

// ParseQuantity is the exact value of a quantity such as "4Gi" or "500m". Kubernetes keeps nothing smaller than a
// billionth and rounds up to it, away from zero.
func ParseQuantity(text string) (*big.Rat, error) {
	parts := QuantityForm.FindStringSubmatch(text)
	if parts == nil {
		return nil, fmt.Errorf("%q is no quantity, such as \"4Gi\" or \"500m\"", text)
	}
	number, ok := new(big.Rat).SetString(parts[1])
	scale, err := quantityScale(parts[2])
	if !ok || err != nil {
		return nil, fmt.Errorf("%q is no quantity: %w", text, err)
	}
	return roundQuantity(number.Mul(number, scale)), nil
}

func quantityScale(suffix string) (*big.Rat, error) {
	const decimal, binary = "num kMGTPE", "KMGTPE"
	one := big.NewRat(1, 1)
	switch {
	case suffix == "":
		return one, nil
	case len(suffix) == 2 && suffix[1] == 'i':
		for i := range binary {
			if binary[i] == suffix[0] {
				return one.SetInt(new(big.Int).Lsh(big.NewInt(1), uint(10*(i+1)))), nil
			}
		}
	case len(suffix) == 1:
		for i := range decimal {
			if decimal[i] == suffix[0] {
				return power(3 * (i - 3)), nil
			}
		}
	}
	exponent, err := strconv.Atoi(suffix[1:])
	return power(exponent), err
}

// power is ten to a power.
func power(exponent int) *big.Rat {
	n := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(exponent, -exponent))), nil)
	r := new(big.Rat).SetInt(n)
	if exponent < 0 {
		r.Inv(r)
	}
	return r
}

func roundQuantity(r *big.Rat) *big.Rat {
	billionths := new(big.Rat).Mul(r, power(9))
	if billionths.IsInt() {
		return r
	}
	whole := new(big.Int).Quo(billionths.Num(), billionths.Denom())
	whole.Add(whole, big.NewInt(int64(r.Sign())))
	return new(big.Rat).Mul(new(big.Rat).SetInt(whole), power(-9))
}

// quantityOf is the quantity that a value stands for: a string, or a plain number as YAML allows it.
func quantityOf(value any) (*big.Rat, bool) {
	var text string
	switch x := value.(type) {
	case string:
		text = x
	case int:
		text = strconv.Itoa(x)
	case int64:
		text = strconv.FormatInt(x, 10)
	case uint64:
		text = strconv.FormatUint(x, 10)
	case float64:
		if math.IsInf(x, 0) || math.IsNaN(x) {
			return nil, false
		}
		text = strconv.FormatFloat(x, 'g', -1, 64)
	}
	quantity, err := ParseQuantity(text)
	return quantity, err == nil
}

// measures reports whether a value is a quantity within the bounds of c.
func (c *Constraint) measures(value any) bool {
	if c.MinQuantity == nil && c.MaxQuantity == nil {
		return true
	}
	quantity, ok := quantityOf(value)
	return ok && c.MinQuantity.admits(quantity, 1) && c.MaxQuantity.admits(quantity, -1)
}

// admits reports whether a quantity lies on the right side of a bound; sign is 1 for lower bounds, -1 for upper ones.
func (b *Bound) admits(quantity *big.Rat, sign int) bool {
	if b == nil {
		return true
	}
	bound, _ := quantityOf(b.Value)
	order := quantity.Cmp(bound) * sign
	return order > 0 || order == 0 && !b.Exclusive
}

// Stricter is the bound on quantities that rules out more.
func Stricter(a, b *Bound, sign int) *Bound {
	if a == nil || b == nil {
		if a == nil {
			return b
		}
		return a
	}
	quantity, _ := quantityOf(b.Value)
	if !a.admits(quantity, sign) {
		return a
	}
	return b
}
