// SPDX-License-Identifier: Apache-2.0

// What deploy/release makes Go's artefacts with.
module github.com/wirepas-grpc/wirepas-grpc/deploy/release.d/go-module

go 1.26.0

require golang.org/x/mod v0.43.0
