// Command provider stands in for a provider of OpenTofu, under whose name it is started. It takes the arguments that the provider
// itself takes, as Crossplane's definitions of the same kinds have them, and makes nothing: what a cloud would answer is made up.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "provider:", err)
		os.Exit(1)
	}
}

func run() error {
	name, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(os.Args[0]), "terraform-provider-"), "_")
	s, err := known(os.Getenv("SPOKEWRIGHT_CRDS"), name)
	if err != nil {
		return err
	}
	return tf6server.Serve("registry.opentofu.org/hashicorp/"+name, func() tfprotov6.ProviderServer { return s })
}

// server has what it can be asked for by name. What it does not implement nobody asks it.
type server struct {
	tfprotov6.ProviderServer

	config          *tfprotov6.SchemaBlock
	resources, data map[string]*tfprotov6.SchemaBlock
}

func schemas(blocks map[string]*tfprotov6.SchemaBlock) map[string]*tfprotov6.Schema {
	all := map[string]*tfprotov6.Schema{}
	for name, block := range blocks {
		all[name] = &tfprotov6.Schema{Block: block}
	}
	return all
}

func (s *server) GetMetadata(context.Context, *tfprotov6.GetMetadataRequest) (*tfprotov6.GetMetadataResponse, error) {
	answer := &tfprotov6.GetMetadataResponse{ServerCapabilities: &tfprotov6.ServerCapabilities{}}
	for name := range s.resources {
		answer.Resources = append(answer.Resources, tfprotov6.ResourceMetadata{TypeName: name})
	}
	for name := range s.data {
		answer.DataSources = append(answer.DataSources, tfprotov6.DataSourceMetadata{TypeName: name})
	}
	return answer, nil
}

func (s *server) GetProviderSchema(context.Context, *tfprotov6.GetProviderSchemaRequest) (*tfprotov6.GetProviderSchemaResponse, error) {
	return &tfprotov6.GetProviderSchemaResponse{ServerCapabilities: &tfprotov6.ServerCapabilities{}, Provider: &tfprotov6.Schema{Block: s.config},
		ResourceSchemas: schemas(s.resources), DataSourceSchemas: schemas(s.data)}, nil
}

func (s *server) GetResourceIdentitySchemas(context.Context, *tfprotov6.GetResourceIdentitySchemasRequest) (*tfprotov6.GetResourceIdentitySchemasResponse, error) {
	return &tfprotov6.GetResourceIdentitySchemasResponse{}, nil
}

func (s *server) ValidateProviderConfig(_ context.Context, r *tfprotov6.ValidateProviderConfigRequest) (*tfprotov6.ValidateProviderConfigResponse, error) {
	return &tfprotov6.ValidateProviderConfigResponse{PreparedConfig: r.Config}, nil
}

func (s *server) ConfigureProvider(context.Context, *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	return &tfprotov6.ConfigureProviderResponse{}, nil
}

func (s *server) StopProvider(context.Context, *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	return &tfprotov6.StopProviderResponse{}, nil
}

func (s *server) ValidateResourceConfig(context.Context, *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return &tfprotov6.ValidateResourceConfigResponse{}, nil
}

func (s *server) ValidateDataResourceConfig(context.Context, *tfprotov6.ValidateDataResourceConfigRequest) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	return &tfprotov6.ValidateDataResourceConfigResponse{}, nil
}

func (s *server) UpgradeResourceState(_ context.Context, r *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	block := s.resources[r.TypeName]
	value, err := r.RawState.Unmarshal(block.ValueType())
	if err != nil {
		return nil, err
	}
	state, err := tfprotov6.NewDynamicValue(block.ValueType(), value)
	return &tfprotov6.UpgradeResourceStateResponse{UpgradedState: &state}, err
}

func (s *server) ReadResource(_ context.Context, r *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return &tfprotov6.ReadResourceResponse{NewState: r.CurrentState}, nil
}

func (s *server) PlanResourceChange(_ context.Context, r *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	planned, err := filled(s.resources[r.TypeName], r.ProposedNewState, func(t tftypes.Type) tftypes.Value { return tftypes.NewValue(t, tftypes.UnknownValue) })
	return &tfprotov6.PlanResourceChangeResponse{PlannedState: planned}, err
}

func (s *server) ApplyResourceChange(_ context.Context, r *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	state, err := filled(s.resources[r.TypeName], r.PlannedState, made)
	return &tfprotov6.ApplyResourceChangeResponse{NewState: state}, err
}

func (s *server) ReadDataSource(_ context.Context, r *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	state, err := filled(s.data[r.TypeName], r.Config, made)
	return &tfprotov6.ReadDataSourceResponse{State: state}, err
}

// filled is a state in which what the provider knows better stands as told.
func filled(block *tfprotov6.SchemaBlock, state *tfprotov6.DynamicValue, fill func(tftypes.Type) tftypes.Value) (*tfprotov6.DynamicValue, error) {
	value, err := state.Unmarshal(block.ValueType())
	if err != nil || value.IsNull() {
		return state, err
	}
	value, err = complete(block, value, fill)
	if err != nil {
		return nil, err
	}
	all, err := tfprotov6.NewDynamicValue(block.ValueType(), value)
	return &all, err
}

func complete(block *tfprotov6.SchemaBlock, value tftypes.Value, fill func(tftypes.Type) tftypes.Value) (tftypes.Value, error) {
	var fields map[string]tftypes.Value
	if err := value.As(&fields); err != nil {
		return value, err
	}
	for _, attribute := range block.Attributes {
		if old := fields[attribute.Name]; attribute.Computed && (old.IsNull() || !old.IsKnown()) {
			fields[attribute.Name] = fill(attribute.ValueType())
		}
	}
	for _, nested := range block.BlockTypes {
		old := fields[nested.TypeName]
		if old.IsNull() || !old.IsKnown() {
			continue
		}
		var items []tftypes.Value
		if err := old.As(&items); err != nil {
			return value, err
		}
		for i, item := range items {
			var err error
			if items[i], err = complete(nested.Block, item, fill); err != nil {
				return value, err
			}
		}
		fields[nested.TypeName] = tftypes.NewValue(old.Type(), items)
	}
	return tftypes.NewValue(value.Type(), fields), nil
}

// made is a value that a cloud could have answered: each text is base64 too, for those that must be.
func made(t tftypes.Type) tftypes.Value {
	switch t := t.(type) {
	case tftypes.List:
		return tftypes.NewValue(t, []tftypes.Value{made(t.ElementType)})
	case tftypes.Map:
		return tftypes.NewValue(t, map[string]tftypes.Value{})
	case tftypes.Object:
		fields := map[string]tftypes.Value{}
		for name, field := range t.AttributeTypes {
			fields[name] = made(field)
		}
		return tftypes.NewValue(t, fields)
	}
	switch {
	case t.Is(tftypes.Bool):
		return tftypes.NewValue(t, true)
	case t.Is(tftypes.Number):
		return tftypes.NewValue(t, 1)
	}
	return tftypes.NewValue(t, "bWFkZS11cA==")
}
