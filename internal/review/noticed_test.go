package review

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// What looks like a secret is noticed where it stands; what only names one is not.
func TestSecretsAreNoticedWhereTheyStand(t *testing.T) {
	found := Noticed(map[string]any{
		"replicas": int64(3),
		"database": map[string]any{"password": "hunter2-of-old", "existingSecret": "orders-database"},
		"env":      []any{map[string]any{"name": "API_TOKEN", "value": "tr-93kx0vmq27dl1hz8"}, map[string]any{"name": "LOG_LEVEL", "value": "debug"}},
		"image":    map[string]any{"tag": "1.4.2"},
	})
	assert.Equal(t, [][]string{{"database", "password"}, {"env", "0", "value"}}, found)
}
