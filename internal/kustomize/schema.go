package kustomize

import (
	"sync"

	"sigs.k8s.io/kustomize/kyaml/openapi"
)

// schema guards the OpenAPI schema that kustomize keeps in package variables. The lock belongs to those variables, so it
// must be one for the process, whatever number of Builders there are.
var schema schemaLock

// schemaLock lets builds with kustomize's own schema run side by side, and those that bring a schema (openapi: in a
// kustomization) run alone, so that none sees the schema of another.
type schemaLock struct {
	mu     sync.RWMutex
	parsed bool
	single bool // a build that replaces the schema is running
}

// shared runs work that only asks what kustomize knows without parsing its schema.
func (l *schemaLock) shared(work func() error) error {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return work()
}

// prepared runs work that may need kustomize's schema: it is parsed before, because the library reads it without a lock.
func (l *schemaLock) prepared(work func() error) error {
	l.mu.Lock()
	if !l.parsed {
		openapi.Schema()
		l.parsed = true
	}
	l.mu.Unlock()
	return l.shared(work)
}

// alone runs work that replaces kustomize's schema, and puts it back.
func (l *schemaLock) alone(work func() error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.single = true
	defer func() {
		openapi.ResetOpenAPI()
		l.single, l.parsed = false, false
	}()
	return work()
}

// fresh makes a run of kustomize that may replace the schema find it as a new process would. What was asked of the schema
// before a run would otherwise decide what else is in it.
func (l *schemaLock) fresh() {
	if l.single {
		openapi.ResetOpenAPI()
	}
}
