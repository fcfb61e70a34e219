package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"sigs.k8s.io/yaml"

	"spokewright.dev/spokewright/internal/externalname"
)

// open is a part of an OpenAPI schema.
type open struct {
	Type                 string
	Properties           map[string]open
	Items                *open
	AdditionalProperties *open
	Required             []string
}

// known are the schemas of a provider: those of clouds from Crossplane's definitions in a folder, that of Helm as it documents it.
func known(folder, name string) (*server, error) {
	text, number, yes := tftypes.Type(tftypes.String), tftypes.Type(tftypes.Number), tftypes.Type(tftypes.Bool)
	texts := tftypes.Type(tftypes.List{ElementType: text})
	switch name {
	case "helm":
		nested := func(name string, fields ...*tfprotov6.SchemaAttribute) *tfprotov6.SchemaAttribute {
			return &tfprotov6.SchemaAttribute{Name: name, Optional: true, NestedType: &tfprotov6.SchemaObject{Nesting: tfprotov6.SchemaObjectNestingModeSingle, Attributes: fields}}
		}
		exec := nested("exec", argument("api_version", text), argument("command", text), argument("args", texts))
		config := &tfprotov6.SchemaBlock{Attributes: []*tfprotov6.SchemaAttribute{nested("kubernetes", argument("host", text), argument("cluster_ca_certificate", text), exec)}}
		release := &tfprotov6.SchemaBlock{Attributes: []*tfprotov6.SchemaAttribute{
			{Name: "name", Type: text, Required: true}, {Name: "chart", Type: text, Required: true}, {Name: "id", Type: text, Computed: true},
			argument("namespace", text), argument("create_namespace", yes), argument("repository", text), argument("version", text), argument("values", texts), argument("timeout", number),
		}}
		return &server{config: config, resources: map[string]*tfprotov6.SchemaBlock{"helm_release": release}}, nil
	case "aws":
		return cloud(folder, "aws", argument("region", text), argument("allowed_account_ids", texts))
	case "google":
		return cloud(folder, "gcp", argument("project", text), argument("region", text))
	case "azurerm":
		s, err := cloud(folder, "azure", argument("subscription_id", text), argument("tenant_id", text))
		if err != nil {
			return nil, err
		}
		s.config.BlockTypes = []*tfprotov6.SchemaNestedBlock{{TypeName: "features", Nesting: tfprotov6.SchemaNestedBlockNestingModeList, MinItems: 1, MaxItems: 1, Block: &tfprotov6.SchemaBlock{}}}
		s.data = map[string]*tfprotov6.SchemaBlock{"azurerm_client_config": {Attributes: []*tfprotov6.SchemaAttribute{computed("id", text), computed("object_id", text), computed("tenant_id", text)}}}
		login := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"host": text, "cluster_ca_certificate": text}}
		cluster := s.resources["azurerm_kubernetes_cluster"] // of what is secret Crossplane's definition has nothing
		cluster.Attributes = append(cluster.Attributes, computed("kube_config", tftypes.List{ElementType: login}))
		return s, nil
	}
	return nil, fmt.Errorf("nobody stands in for %q", name)
}

func argument(name string, t tftypes.Type) *tfprotov6.SchemaAttribute {
	return &tfprotov6.SchemaAttribute{Name: name, Type: t, Optional: true}
}

func computed(name string, t tftypes.Type) *tfprotov6.SchemaAttribute {
	return &tfprotov6.SchemaAttribute{Name: name, Type: t, Computed: true}
}

// named are the arguments that Crossplane takes from the name of its object, where that is not called "name".
func named() map[string]string {
	return map[string]string{"google_service_account": "account_id", "aws_eks_node_group": "node_group_name"}
}

func cloud(folder, cloud string, config ...*tfprotov6.SchemaAttribute) (*server, error) {
	s := &server{config: &tfprotov6.SchemaBlock{Attributes: config}, resources: map[string]*tfprotov6.SchemaBlock{}}
	files, err := filepath.Glob(filepath.Join(folder, cloud, "*.m.upbound.io_*.yaml"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("no definitions of %s in %s: %w", cloud, folder, err)
	}
	regional := slices.ContainsFunc(config, func(a *tfprotov6.SchemaAttribute) bool { return a.Name == "region" })
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		var definition struct {
			Spec struct {
				Group    string
				Names    struct{ Kind string }
				Versions []struct {
					Schema struct{ OpenAPIV3Schema open }
				}
			}
		}
		if err := yaml.Unmarshal(text, &definition); err != nil {
			return nil, err
		}
		kind := slices.IndexFunc(externalname.Kinds(), func(k externalname.Kind) bool {
			return k.Name == definition.Spec.Names.Kind && k.Group+".m.upbound.io" == definition.Spec.Group
		})
		if kind < 0 {
			continue
		}
		key, newest := externalname.Kinds()[kind].Key, definition.Spec.Versions[len(definition.Spec.Versions)-1].Schema.OpenAPIV3Schema
		asked := newest.Properties["spec"].Properties["forProvider"]
		for _, rule := range regexp.MustCompile(`spec\.forProvider\.(\w+) is a required parameter`).FindAllStringSubmatch(string(text), -1) {
			asked.Required = append(asked.Required, rule[1])
		}
		// Crossplane's kinds ask for what OpenTofu's take from the provider's own configuration.
		asked.Required = slices.DeleteFunc(asked.Required, func(name string) bool { return name == "region" && regional })
		block := blockOf(asked, newest.Properties["status"].Properties["atProvider"])
		name, other := named()[key]
		if !other {
			name = "name"
		}
		if !slices.ContainsFunc(block.Attributes, func(a *tfprotov6.SchemaAttribute) bool { return a.Name == name && a.Optional }) {
			block.Attributes = slices.DeleteFunc(block.Attributes, func(a *tfprotov6.SchemaAttribute) bool { return a.Name == name })
			block.Attributes = append(block.Attributes, &tfprotov6.SchemaAttribute{Name: name, Type: tftypes.String, Optional: true, Computed: true})
		}
		s.resources[key] = block
	}
	return s, nil
}

// blockOf has as arguments what is asked for, and beside them what is only told.
func blockOf(asked, told open) *tfprotov6.SchemaBlock {
	block := &tfprotov6.SchemaBlock{}
	for name, field := range asked.Properties {
		if strings.HasSuffix(name, "Ref") || strings.HasSuffix(name, "Refs") || strings.HasSuffix(name, "Selector") {
			continue
		}
		inner, many := field, false
		if field.Items != nil {
			inner, many = *field.Items, true
		}
		if inner.Type == "object" && inner.AdditionalProperties == nil {
			answer := told.Properties[name]
			if answer.Items != nil {
				answer = *answer.Items
			}
			nested := &tfprotov6.SchemaNestedBlock{TypeName: snake(name), Nesting: tfprotov6.SchemaNestedBlockNestingModeList, Block: blockOf(inner, answer)}
			if !many {
				nested.MaxItems = 1
			}
			block.BlockTypes = append(block.BlockTypes, nested)
			continue
		}
		_, alsoTold := told.Properties[name]
		required := slices.Contains(asked.Required, name)
		block.Attributes = append(block.Attributes, &tfprotov6.SchemaAttribute{Name: snake(name), Type: typeOf(field), Required: required, Optional: !required, Computed: alsoTold && !required})
	}
	for name, field := range told.Properties {
		if _, is := asked.Properties[name]; !is {
			block.Attributes = append(block.Attributes, computed(snake(name), typeOf(field)))
		}
	}
	return block
}

func typeOf(field open) tftypes.Type {
	switch {
	case field.Items != nil && field.Items.Type == "object" && field.Items.Properties != nil: // of objects, one or many
		return typeOf(*field.Items)
	case field.Items != nil:
		return tftypes.List{ElementType: typeOf(*field.Items)}
	case field.AdditionalProperties != nil:
		return tftypes.Map{ElementType: typeOf(*field.AdditionalProperties)}
	case field.Type == "object":
		fields := map[string]tftypes.Type{}
		for name, inner := range field.Properties {
			fields[snake(name)] = typeOf(inner)
		}
		if field.Properties == nil {
			return tftypes.Map{ElementType: tftypes.String}
		}
		return tftypes.List{ElementType: tftypes.Object{AttributeTypes: fields}} // one of it, for Crossplane
	case field.Type == "boolean":
		return tftypes.Bool
	case field.Type == "integer", field.Type == "number":
		return tftypes.Number
	}
	return tftypes.String
}

// snake is a name as OpenTofu writes it.
func snake(name string) string {
	var text strings.Builder
	for _, letter := range name {
		if unicode.IsUpper(letter) {
			text.WriteByte('_')
		}
		text.WriteRune(unicode.ToLower(letter))
	}
	return text.String()
}
