package access

import (
	"context"
	"fmt"
	"strings"

	"golang.org/x/sync/errgroup"
	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/muster-csi/muster/framework/kube"
	"github.com/muster-csi/muster/framework/target"
)

// asking is how many questions are asked at the same time.
const asking = 8

// Missing names the rights that the client lacks for a run, each as "verb resource.group [in namespace]", in the
// order of the rules.
func Missing(ctx context.Context, c *kube.Client, keepSettings bool) ([]string, error) {
	var questions []authorizationv1.ResourceAttributes
	for _, r := range chosen(everywhere, keepSettings) {
		questions = append(questions, r.questions("")...)
	}
	for _, r := range chosen(inLonghorn, keepSettings) {
		questions = append(questions, r.questions(target.Namespace)...)
	}
	missing := make([]string, len(questions))
	var group errgroup.Group
	group.SetLimit(asking)
	for i := range questions {
		group.Go(func() (err error) {
			missing[i], err = ask(ctx, c, &questions[i])
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var names []string
	for _, name := range missing {
		if name != "" {
			names = append(names, name)
		}
	}
	return names, nil
}

func (r rule) questions(namespace string) []authorizationv1.ResourceAttributes {
	names := r.names
	if len(names) == 0 {
		names = []string{""}
	}
	var questions []authorizationv1.ResourceAttributes
	for _, path := range r.resources {
		resource, sub, _ := strings.Cut(path, "/")
		for _, verb := range r.verbs {
			for _, name := range names {
				questions = append(questions, authorizationv1.ResourceAttributes{
					Namespace: namespace, Verb: verb, Group: r.group, Resource: resource, Subresource: sub, Name: name,
				})
			}
		}
	}
	return questions
}

// ask returns what is asked for when it is not allowed, "" when it is.
func ask(ctx context.Context, c *kube.Client, question *authorizationv1.ResourceAttributes) (string, error) {
	review := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: question}}
	answer, err := c.Core.AuthorizationV1().SelfSubjectAccessReviews().Create(ctx, review, metav1.CreateOptions{})
	if err != nil {
		return "", fmt.Errorf("ask what is allowed in the cluster: %w", err)
	}
	if answer.Status.Allowed {
		return "", nil
	}
	what := question.Resource
	if question.Subresource != "" {
		what += "/" + question.Subresource
	}
	if question.Group != "" {
		what += "." + question.Group
	}
	if question.Namespace != "" {
		what += " in " + question.Namespace
	}
	return question.Verb + " " + what, nil
}
