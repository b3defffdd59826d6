// SPDX-License-Identifier: Apache-2.0

package wirepas

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	meshv1 "github.com/wirepas-grpc/wirepas-grpc/clients/go/wirepas/mesh/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
)

const (
	keepaliveTime    = 30 * time.Second
	keepaliveTimeout = 10 * time.Second
	// A network that has just lost the address of a pod may swallow what is sent to it: an attempt that
	// has no answer after this long is worth less than a new one.
	connectTimeout = 3 * time.Second
)

// Client is a connection to the service with the stubs of its API. It can be used by several
// goroutines at once.
type Client struct {
	// Network finds and configures gateways and sinks, sends and receives.
	Network meshv1.NetworkServiceClient
	// Otap brings firmware into networks.
	Otap meshv1.OtapServiceClient
	// AppConfig reads and writes app configs entry by entry.
	AppConfig meshv1.AppConfigServiceClient
	// Nodes lists and watches the nodes of networks.
	Nodes meshv1.NodeServiceClient
	// Conn is what the stubs work on.
	Conn *grpc.ClientConn
}

// Option changes how [Dial] connects.
type Option func(*settings)

type settings struct {
	tls, plaintext    bool
	caFile            string
	certFile, keyFile string
	token             *string
	dialOptions       []grpc.DialOption
}

// WithTLS asks for TLS where it is not used anyway: towards this machine.
func WithTLS() Option {
	return func(s *settings) { s.tls = true }
}

// WithPlaintext turns TLS off towards another machine.
func WithPlaintext() Option {
	return func(s *settings) { s.plaintext = true }
}

// WithCAFile checks the service's certificate with the certificates (PEM) in this file instead of
// the system's. It implies TLS.
func WithCAFile(path string) Option {
	return func(s *settings) { s.tls, s.caFile = true, path }
}

// WithClientCertificate presents a certificate (PEM) to the service. It implies TLS.
func WithClientCertificate(certFile, keyFile string) Option {
	return func(s *settings) { s.tls, s.certFile, s.keyFile = true, certFile, keyFile }
}

// WithToken sends "authorization: Bearer TOKEN" with each call. [Dial] refuses it where it would
// go to another machine in clear.
func WithToken(token string) Option {
	return func(s *settings) { s.token = &token }
}

// WithDialOptions hands further options to gRPC, after those of this package.
func WithDialOptions(options ...grpc.DialOption) Option {
	return func(s *settings) { s.dialOptions = append(s.dialOptions, options...) }
}

// Dial makes a client of the service at target: host:port, dns:///host:port or unix:/path. TLS is
// used unless the target is on this machine (unix:, localhost, 127.0.0.0/8, ::1) or [WithPlaintext]
// is given.
//
// Dial does not wait for the connection: it comes about with the first call, which fails with
// UNAVAILABLE when it cannot.
func Dial(target string, options ...Option) (*Client, error) {
	var s settings
	for _, option := range options {
		option(&s)
	}
	dialOptions, err := s.grpcOptions(isLocal(target))
	if err != nil {
		return nil, fmt.Errorf("wirepas: %w", err)
	}
	conn, err := grpc.NewClient(target, dialOptions...)
	if err != nil {
		return nil, fmt.Errorf("wirepas: %w", err)
	}
	return &Client{
		Network:   meshv1.NewNetworkServiceClient(conn),
		Otap:      meshv1.NewOtapServiceClient(conn),
		AppConfig: meshv1.NewAppConfigServiceClient(conn),
		Nodes:     meshv1.NewNodeServiceClient(conn),
		Conn:      conn,
	}, nil
}

// Close ends the connection and all calls on it.
func (c *Client) Close() error {
	return c.Conn.Close()
}

func (s *settings) grpcOptions(local bool) ([]grpc.DialOption, error) {
	if s.plaintext && s.tls {
		return nil, errors.New("plaintext is asked for together with TLS")
	}
	secure := s.tls || !s.plaintext && !local
	transport := insecure.NewCredentials()
	if secure {
		config, err := s.tlsConfig()
		if err != nil {
			return nil, err
		}
		transport = credentials.NewTLS(config)
	}

	// Attempts to connect are as far apart as those of a subscription, which would wait in vain if
	// the connection came back later.
	connect := backoff.Config{
		BaseDelay: backoffMin, Multiplier: backoffFactor, Jitter: backoffJitter, MaxDelay: backoffMax,
	}
	options := []grpc.DialOption{
		grpc.WithTransportCredentials(transport),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{
			Time: keepaliveTime, Timeout: keepaliveTimeout,
		}),
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff: connect, MinConnectTimeout: connectTimeout,
		}),
		grpc.WithChainUnaryInterceptor(unaryErrors),
		grpc.WithChainStreamInterceptor(streamErrors),
	}
	if s.token != nil {
		if !secure && !local {
			return nil, errors.New("a token is not sent in clear to another machine: use TLS")
		}
		if !isToken(*s.token) {
			return nil, errors.New("the token is empty or has characters that a header cannot have")
		}
		options = append(options, grpc.WithPerRPCCredentials(bearer{*s.token, secure}))
	}
	return append(options, s.dialOptions...), nil
}

func (s *settings) tlsConfig() (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if s.caFile != "" {
		pem, err := os.ReadFile(s.caFile)
		if err != nil {
			return nil, err
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s has no certificate in PEM form", s.caFile)
		}
	}
	if s.certFile != "" || s.keyFile != "" {
		pair, err := tls.LoadX509KeyPair(s.certFile, s.keyFile)
		if err != nil {
			return nil, err
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}

// isLocal says whether a target is on this machine for certain.
func isLocal(target string) bool {
	if strings.HasPrefix(target, "unix:") || strings.HasPrefix(target, "unix-abstract:") {
		return true
	}
	// Names that another DNS server than the system's resolves (dns://server/name) may be anywhere.
	for _, scheme := range []string{"dns:///", "passthrough:///", "dns:", "passthrough:"} {
		if rest, found := strings.CutPrefix(target, scheme); found {
			target = rest
			break
		}
	}
	host, _, err := net.SplitHostPort(target)
	if err != nil {
		host = strings.Trim(target, "[]")
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

func isToken(token string) bool {
	for _, c := range []byte(token) {
		if c <= ' ' || c > '~' {
			return false
		}
	}
	return token != ""
}

// bearer sends a token with each call.
type bearer struct {
	token  string
	secure bool
}

func (b bearer) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer " + b.token}, nil
}

// RequireTransportSecurity has gRPC refuse the token too if an option takes TLS away.
func (b bearer) RequireTransportSecurity() bool { return b.secure }
