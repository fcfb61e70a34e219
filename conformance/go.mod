module spokewright.dev/spokewright/conformance

go 1.26.0

replace spokewright.dev/spokewright => ../

require (
	github.com/stretchr/testify v1.12.1
	golang.org/x/mod v0.37.0
	sigs.k8s.io/yaml v1.6.0
	spokewright.dev/spokewright v0.0.0-00010101000000-000000000000
)

require (
	github.com/santhosh-tekuri/jsonschema/v5 v5.3.1 // indirect
	go.yaml.in/yaml/v2 v2.4.4 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
)
