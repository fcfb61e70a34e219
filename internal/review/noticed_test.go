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

// Line 21: what stands in files is noticed by name and by shape too, and what only says where a secret is, is not.
func TestLine21SecretsInFilesAreNoticed(t *testing.T) {
	object := func(kind string, fields map[string]any) map[string]any {
		fields["kind"], fields["metadata"] = kind, map[string]any{"name": "shop"}
		return fields
	}
	for _, c := range []struct {
		document any
		found    [][]string
	}{
		{object("Secret", map[string]any{"stringData": map[string]any{"user": "shop"}}), [][]string{{"stringData", "user"}}},
		{object("ConfigMap", map[string]any{"data": map[string]any{"user": "shop", "password": "hunter2"}}), [][]string{{"data", "password"}}},
		{object("ConfigMap", map[string]any{"data": map[string]any{"password": "$(PASSWORD)", "token": "{{ .token }}", "apiKey": "ENC[AES256_GCM,data:x]"}}), nil},
		{object("SealedSecret", map[string]any{"spec": map[string]any{"encryptedData": map[string]any{"password": "AgBy3i4OJSWK"}}}), nil},
		{[]any{map[string]any{"op": "add", "path": "/data/api~1token", "value": "hunter2"}}, [][]string{{"0", "value"}}},
		{[]any{map[string]any{"op": "add", "path": "/data/mode", "value": "fast"}}, nil},
		{object("Provider", map[string]any{"spec": map[string]any{"package": "registry.example.com/provider-authorization:v2.7.0"}}), nil},
	} {
		assert.Equal(t, c.found, NoticedInFile(c.document))
	}
	repository := object("Secret", map[string]any{"stringData": map[string]any{"url": "https://git.example.com/a.git", "password": "hunter2"}})
	repository["metadata"].(map[string]any)["labels"] = map[string]any{"argocd.argoproj.io/secret-type": "repository"}
	assert.Equal(t, [][]string{{"stringData", "password"}}, NoticedInFile(repository))
	assert.Equal(t, []int{2}, NoticedLines("level=debug\npassword=hunter2\ntoken=$TOKEN\n"))
}
