# What can be done here: make help

TOOLS    ?= $(or $(SPOKEWRIGHT_CACHE),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/spokewright)/tools
KUSTOMIZE = $(TOOLS)/kustomize-v5.8.2
LINTER    = $(TOOLS)/golangci-lint-v2.5.0
VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)

export SPOKEWRIGHT_KUSTOMIZE = $(KUSTOMIZE)
export CGO_ENABLED ?= 0

.PHONY: help build render check test conformance bench lint tools golden
.DEFAULT_GOAL := help

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "%-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## Build bin/spokewright
	@go build -trimpath -buildvcs=false -o bin/spokewright ./cmd/spokewright

render: build ## Render the sample fleet into golden/
	@bin/spokewright render

check: build ## Check the sample fleet as a pull request would be
	@bin/spokewright check

test: tools build ## Run all tests that need no running controller
	go vet ./...
	go test -count=1 ./...

conformance: ## Run what Spokewright emits against the real controllers
	cd conformance && go test -count=1 -timeout 50m ./...

bench: tools build ## Measure against kustomize, as ratios in one run
	go run ./bench

golden: ## Write every expected output anew, to be reviewed with git diff
	SPOKEWRIGHT_UPDATE=1 go test -count=1 ./... && $(MAKE) render

lint: $(LINTER) ## Run the linters
	$(LINTER) run ./...

tools: $(KUSTOMIZE)

$(KUSTOMIZE):
	@echo "installing kustomize v5.8.2 (once) ..." >&2
	@mkdir -p $(TOOLS)/install && GOBIN=$(TOOLS)/install go install sigs.k8s.io/kustomize/kustomize/v5@v5.8.2
	@mv $(TOOLS)/install/kustomize $@

$(LINTER):
	@echo "installing golangci-lint v2.5.0 (once) ..." >&2
	@mkdir -p $(TOOLS)/install && GOBIN=$(TOOLS)/install go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.5.0
	@mv $(TOOLS)/install/golangci-lint $@
