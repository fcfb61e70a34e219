// Package conformance tests what Spokewright emits against the real programs that will read it: Kubernetes' own API
// server with the real CRDs, and the real controllers. It is a Go module of its own, so that the shipped module stays
// light. It is not for what a unit test can say.
package conformance
