// SPDX-License-Identifier: Apache-2.0

//go:build tools

// Package tools names the program that is built of its own module, so that go.mod keeps its version.
package tools

import _ "helm.sh/helm/v3/cmd/helm"
