// SPDX-License-Identifier: Apache-2.0

// check reads Kubernetes manifests from standard input or from files and fails if one has a field
// that its kind does not have, or has twice, is of a kind that is not known, or makes pods that the
// pod security standard "restricted" does not admit. It prints a line for each document: kind and
// name, or with -json all that was read.
package main

import (
	"bufio"
	"bytes"
	encoding "encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/apimachinery/pkg/util/yaml"
	clientgo "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

var asJSON = flag.Bool("json", false, "print the documents as JSON, one a line")

type checker struct {
	decoder   runtime.Decoder
	evaluator policy.Evaluator
}

func newChecker() (*checker, error) {
	scheme := runtime.NewScheme()
	if err := clientgo.AddToScheme(scheme); err != nil {
		return nil, err
	}
	if err := monitoringv1.AddToScheme(scheme); err != nil {
		return nil, err
	}
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks())
	if err != nil {
		return nil, err
	}
	return &checker{
		decoder: json.NewSerializerWithOptions(json.DefaultMetaFactory, scheme, scheme,
			json.SerializerOptions{Yaml: true, Strict: true}),
		evaluator: evaluator,
	}, nil
}

// check gives the document, its name, and what is wrong with it.
func (c *checker) check(document []byte) (runtime.Object, string, error) {
	object, kind, err := c.decoder.Decode(document, nil, nil)
	name := "document"
	if kind != nil {
		name = kind.Kind
	}
	if err != nil {
		return nil, name, err
	}
	if meta, ok := object.(metav1.Object); ok {
		name += "/" + meta.GetName()
	}
	if template := podTemplate(object); template != nil {
		restricted := api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}
		result := policy.AggregateCheckResults(
			c.evaluator.EvaluatePod(restricted, &template.ObjectMeta, &template.Spec))
		if !result.Allowed {
			return nil, name, fmt.Errorf("not restricted: %s", result.ForbiddenDetail())
		}
	}
	return object, name, nil
}

func show(object runtime.Object, name string) error {
	if !*asJSON {
		fmt.Println(name)
		return nil
	}
	return encoding.NewEncoder(os.Stdout).Encode(object)
}

// podTemplate is what the object makes pods of, if it does.
func podTemplate(object runtime.Object) *corev1.PodTemplateSpec {
	switch each := object.(type) {
	case *corev1.Pod:
		return &corev1.PodTemplateSpec{ObjectMeta: each.ObjectMeta, Spec: each.Spec}
	case *appsv1.Deployment:
		return &each.Spec.Template
	case *appsv1.StatefulSet:
		return &each.Spec.Template
	case *appsv1.DaemonSet:
		return &each.Spec.Template
	case *batchv1.Job:
		return &each.Spec.Template
	case *batchv1.CronJob:
		return &each.Spec.JobTemplate.Spec.Template
	}
	return nil
}

// checkAll checks each document and counts those that are there and those that are wrong.
func (c *checker) checkAll(source string, input io.Reader) (documents, failures int, err error) {
	reader := yaml.NewYAMLReader(bufio.NewReader(input))
	for {
		document, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return documents, failures, nil
		}
		if err != nil {
			return documents, failures, err
		}
		if isEmpty(document) {
			continue
		}
		documents++
		object, name, err := c.check(document)
		if err != nil {
			failures++
			fmt.Fprintf(os.Stderr, "%s: %s: %v\n", source, name, err)
			continue
		}
		if err := show(object, name); err != nil {
			return documents, failures, err
		}
	}
}

// isEmpty: nothing but comments.
func isEmpty(document []byte) bool {
	for _, line := range bytes.Split(document, []byte("\n")) {
		line = bytes.TrimSpace(line)
		if len(line) > 0 && line[0] != '#' && !bytes.Equal(line, []byte("---")) {
			return false
		}
	}
	return true
}

func run(files []string) error {
	checker, err := newChecker()
	if err != nil {
		return err
	}
	documents, failures := 0, 0
	add := func(source string, input io.Reader) error {
		found, wrong, err := checker.checkAll(source, input)
		documents += found
		failures += wrong
		return err
	}
	if len(files) == 0 {
		if err := add("standard input", os.Stdin); err != nil {
			return err
		}
	}
	for _, name := range files {
		file, err := os.Open(name)
		if err != nil {
			return err
		}
		err = add(name, file)
		file.Close()
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	switch {
	case failures > 0:
		return fmt.Errorf("%d of %d documents are wrong", failures, documents)
	case documents == 0:
		return errors.New("there is no document")
	}
	return nil
}

func main() {
	flag.Parse()
	if err := run(flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
