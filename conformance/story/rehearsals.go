package story

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"spokewright.dev/spokewright/conformance/cloud"
	"spokewright.dev/spokewright/conformance/hub"
	"spokewright.dev/spokewright/conformance/platform"
	"spokewright.dev/spokewright/internal/manifest"
)

// Rehearsals are the smaller losses of docs/rehearsal.md, and a spoke that goes from one hub that lives to another.
func Rehearsals() []Step {
	return append(birth(),
		Step{"the namespace of an app is lost on a spoke, and comes back with one step of a person's", 8 * time.Minute, lostNamespace},
		Step{"what the clouds made is recorded in Git", 8 * time.Minute, recorded},
		Step{"a spoke is lost, and stands again with one step of a person's", 20 * time.Minute, lostSpoke},
		Step{"a second hub starts beside the first", 20 * time.Minute, beside},
		Step{"a spoke is handed over, and the clouds make and delete nothing", 20 * time.Minute, handedOver},
		Step{"the clouds' book: each thing made once, nothing deleted but what was asked for", 3 * time.Minute, closing},
	)
}

// trial is the environment that the rehearsals are about: the page calls it trial.
const trial = "dev"

// does runs one block of commands of the page of rehearsals.
func (s *Story) does(ctx context.Context, heading string, block int) (string, error) {
	blocks, err := s.Losses.Commands(heading)
	if err != nil {
		return "", err
	}
	spoke, err := s.server(trial, "spoke")
	if err != nil {
		return "", err
	}
	output, err := s.shell(ctx, "SPOKE="+spoke.Kubeconfig+"\n"+strings.ReplaceAll(blocks[block], "trial", trial))
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, output)
	}
	return output, nil
}

func lostNamespace(ctx context.Context, s *Story) error {
	spoke, err := s.server(trial, "spoke")
	if err != nil {
		return err
	}
	namespace, deployment := manifest.ID{APIVersion: "v1", Kind: "Namespace", Name: "checkout"}, manifest.ID{APIVersion: "apps/v1", Kind: "Deployment", Namespace: "checkout", Name: "checkout"}
	before, err := spoke.Get(ctx, namespace)
	if err != nil {
		return err
	}
	if err := spoke.Delete(ctx, namespace); err != nil {
		return err
	}
	if err := s.stuck(ctx, spoke, namespace); err != nil {
		return err
	}
	if _, err := s.does(ctx, "Lose a namespace", 0); err != nil {
		return err
	}
	err = until(ctx, func() error {
		after, err := spoke.Get(ctx, namespace)
		switch {
		case err != nil:
			return err
		case uid(after) == uid(before):
			return errors.New("the old namespace is still there")
		}
		labels := hub.Fields(after, "metadata", "labels")
		for name, value := range hub.Fields(before, "metadata", "labels") {
			if labels[name] != value {
				return fmt.Errorf("label %s is %v, and was %v", name, labels[name], value)
			}
		}
		_, err = spoke.Get(ctx, deployment)
		return err
	})
	return errors.Join(err, s.complete(ctx, trial))
}

// stuck waits until the plane of the spoke asks for the namespace, which nothing brings back.
func (s *Story) stuck(ctx context.Context, spoke *hub.Hub, namespace manifest.ID) error {
	return until(ctx, func() error {
		if _, err := spoke.Get(ctx, namespace); err == nil {
			return errors.New("the namespace is still there")
		}
		return says(`namespaces "checkout" not found`, func(ctx context.Context, s *Story) error {
			return s.are(ctx, func(name string) bool { return name == trial+"-spoke" })
		})(ctx, s)
	})
}

func uid(object manifest.Object) string {
	text, _ := hub.Fields(object, "metadata")["uid"].(string)
	return text
}

func lostSpoke(ctx context.Context, s *Story) error {
	from, began := s.Platform.Book.Count(), time.Now()
	name, err := s.cluster(trial)
	if err != nil {
		return err
	}
	registration := manifest.ID{APIVersion: "v1", Kind: "Secret", Namespace: "argocd", Name: "cluster-" + trial}
	before, err := s.Hub.Get(ctx, registration)
	if err != nil {
		return err
	}
	s.Platform.Lose(name)
	s.Hub.Cloud.Lose(ctx, trial, func(kind string) bool { return strings.HasSuffix(kind, ".eks.aws") })
	if err := until(ctx, func() error {
		after, err := s.Hub.Get(ctx, registration)
		if err == nil && hub.Fields(after, "metadata")["resourceVersion"] == hub.Fields(before, "metadata")["resourceVersion"] {
			err = errors.New("the registration does not follow")
		}
		return err
	}); err != nil {
		return err
	}
	s.Say("%.1f s until the new cluster was registered", time.Since(began).Seconds())
	if err := s.anotherIssuer(ctx, name); err != nil {
		return err
	}
	steps, err := s.named(ctx, from)
	if err != nil {
		return err
	}
	s.Say("%.1f s until all stood, with %d steps of a person's", time.Since(began).Seconds(), 1+steps)
	if err := s.guardedFirst(ctx); err != nil {
		return err
	}
	if err := recorded(ctx, s); err != nil {
		return err
	}
	var wrong []error
	for _, line := range s.Platform.Book.Lines(from, cloud.Did(cloud.Created)) {
		if !strings.Contains(line.Thing, ".eks.aws/") && !strings.HasPrefix(line.Thing, issuerKind) {
			wrong = append(wrong, fmt.Errorf("not of the cluster: %s", line))
		}
	}
	for _, line := range s.Platform.Book.Lines(from, cloud.Did(cloud.Deleted, cloud.Duplicate, cloud.Missing)) {
		wrong = append(wrong, errors.New(line.String()))
	}
	return errors.Join(wrong...)
}

const issuerKind = "OpenIDConnectProvider.iam.aws"

// anotherIssuer is the step of a person's on AWS: the provider of identities has the address of the old cluster's logins.
func (s *Story) anotherIssuer(ctx context.Context, cluster string) error {
	id := manifest.ID{APIVersion: "iam.aws.m.upbound.io/v1beta1", Kind: "OpenIDConnectProvider", Namespace: trial, Name: cluster + "-issuer"}
	err := until(ctx, func() error {
		object, err := s.Hub.Get(ctx, id)
		if err == nil && !strings.Contains(conditionsOf(object), "cannot change") {
			err = fmt.Errorf("the provider took another address: %s", conditionsOf(object))
		}
		return err
	})
	if err != nil {
		return err
	}
	said, err := s.does(ctx, "Lose a spoke", 0)
	if err == nil && !strings.HasPrefix(said, "arn:aws:iam::") {
		err = fmt.Errorf("no name of an identity provider: %q", said)
	}
	if err != nil {
		return err
	}
	s.Hub.Cloud.Lose(ctx, trial, func(kind string) bool { return kind == issuerKind })
	return nil
}

// named waits until the environment is complete, and gives names that the cloud made up to objects that got the old ones back in the
// moment in which the new ones were written: it counts them.
func (s *Story) named(ctx context.Context, from int) (steps int, err error) {
	const associations = "PodIdentityAssociation"
	given := map[manifest.ID]bool{}
	complete := make(chan error, 1)
	go func() { complete <- errors.Join(s.filled(ctx), s.complete(ctx, trial)) }()
	for {
		select {
		case err := <-complete:
			return len(given), err
		case <-time.After(5 * time.Second):
		}
		objects, err := s.Hub.List(ctx, "eks.aws.m.upbound.io/v1beta1", associations)
		if err != nil {
			return len(given), err
		}
		for _, object := range objects {
			id := manifest.Identify(object)
			if id.Namespace != trial || !strings.Contains(conditionsOf(object), "exists already") {
				continue // once more where it came in the same moment again
			}
			given[id] = true
			for _, line := range s.Platform.Book.Lines(from, cloud.Did(cloud.Created)) {
				if line.Thing == associations+".eks.aws/"+id.Name {
					err = s.Hub.Change(ctx, id, map[string]any{"metadata": map[string]any{"annotations": map[string]any{"crossplane.io/external-name": line.Name}}})
				}
			}
			if err != nil {
				return len(given), err
			}
		}
	}
}

// filled waits until the new cluster has an app: until Argo CD has looked, all seems well.
func (s *Story) filled(ctx context.Context) error {
	return until(ctx, func() error {
		spoke, err := s.server(trial, "spoke")
		if err == nil {
			_, err = spoke.Get(ctx, manifest.ID{APIVersion: "apps/v1", Kind: "Deployment", Namespace: "checkout", Name: "checkout"})
		}
		return err
	})
}

// guardedFirst wants the policies of a spoke to be older than the apps on it.
func (s *Story) guardedFirst(ctx context.Context) error {
	spoke, err := s.server(trial, "spoke")
	if err != nil {
		return err
	}
	policies, err := spoke.List(ctx, "policies.kyverno.io/v1", "ValidatingPolicy")
	if err != nil {
		return err
	}
	app, err := spoke.Get(ctx, manifest.ID{APIVersion: "apps/v1", Kind: "Deployment", Namespace: "checkout", Name: "checkout"})
	if err != nil {
		return err
	}
	made := func(object manifest.Object) string {
		text, _ := hub.Fields(object, "metadata")["creationTimestamp"].(string)
		return text
	}
	var late []error
	for _, policy := range policies {
		if made(policy) > made(app) {
			late = append(late, fmt.Errorf("%s came after an app", manifest.Identify(policy)))
		}
	}
	if len(policies) == 0 {
		late = append(late, errors.New("the spoke has no policies"))
	}
	return errors.Join(late...)
}

// beside has a second hub in the fleet, as two that both live need it: every environment says whose it is.
func beside(ctx context.Context, s *Story) error {
	err := s.push(ctx, "Add a hub", `
for each in dev prod-eu; do sed -i '1i hub: "hub"' environments/$each.cue; done
spokewright render
spokewright env add spare --from hub
spokewright render`)
	if err != nil {
		return err
	}
	if s.Spare, err = s.Platform.Start(ctx, "spare", "spare"); err != nil {
		return err
	}
	return s.on(s.Spare, func() error {
		if output, err := s.shell(ctx, "kubectl apply -f golden/spare/root.yaml"); err != nil {
			return fmt.Errorf("%w: %s", err, output)
		}
		return until(ctx, func() error { return s.are(ctx, func(string) bool { return true }) })
	})
}

// on does something on another hub.
func (s *Story) on(other *platform.Hub, do func() error) error {
	before := s.Hub
	s.Hub = other
	defer func() { s.Hub = before }()
	return do()
}

// handedOver follows the page: released on the old hub, on the new one, not released any more.
func handedOver(ctx context.Context, s *Story) error {
	const heading = "Hand a spoke over"
	from := s.Platform.Book.Count()
	ran, err := s.deployments(ctx)
	if err != nil {
		return err
	}
	if _, err := s.does(ctx, heading, 0); err != nil {
		return err
	}
	if err := s.applied(ctx, "hub-hub", trial+"-hub"); err != nil {
		return err
	}
	for block := 1; block < 3; block++ {
		if _, err := s.does(ctx, heading, block); err != nil {
			return err
		}
		if err := s.Spare.Refresh(ctx); err != nil {
			return err
		}
		if err := s.gone(ctx, manifest.ID{APIVersion: "v1", Kind: "Namespace", Name: trial}); err != nil {
			return err
		}
		if err := until(ctx, func() error { return s.leftOnHub(ctx, trial) }); err != nil {
			return err
		}
		if err := s.on(s.Spare, func() error { return s.applied(ctx, "spare-hub", trial+"-hub") }); err != nil {
			return err
		}
	}
	err = s.on(s.Spare, func() error {
		if err := s.complete(ctx, trial); err != nil {
			return err
		}
		return until(ctx, func() error { return s.rehearse(ctx, 1) })
	})
	now, running := s.deployments(ctx)
	for name, uid := range ran {
		if now[name] != uid {
			err = errors.Join(err, fmt.Errorf("%s runs anew", name))
		}
	}
	for _, line := range s.Platform.Book.Lines(from, cloud.Did(cloud.Created)) {
		err = errors.Join(err, errors.New(line.String()))
	}
	return errors.Join(err, running, s.bookIsClean(from))
}

// deployments are what runs on the spoke, with what tells one from another of its name.
func (s *Story) deployments(ctx context.Context) (map[string]string, error) {
	spoke, err := s.server(trial, "spoke")
	if err != nil {
		return nil, err
	}
	objects, err := spoke.List(ctx, "apps/v1", "Deployment")
	all := map[string]string{}
	for _, object := range objects {
		all[manifest.Identify(object).String()] = uid(object)
	}
	return all, err
}
