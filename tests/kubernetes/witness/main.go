// SPDX-License-Identifier: Apache-2.0

// Command witness is the subscriber that the tests on Kubernetes believe: it resumes after its
// cursor whenever the service is away, and says what it has missed or seen twice of the packets of
// simulated gateways, which are numbered. It is an image of nothing else, so that it also does what
// else the tests need of a program in a pod.
//
//	witness watch --target HOST:PORT|unix:/PATH [OPTIONS]    subscribes; see watch --help
//	witness call --target TARGET [OPTIONS]                   makes one call
//	witness report [--http ADDRESS]                          prints what such a one has seen so far
//	witness folder make|remove FOLDER...                     for volumes on the node's disk
package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
)

const defaultHTTP = "127.0.0.1:8080"

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(words []string) error {
	if len(words) == 0 {
		return errors.New("usage: witness watch|call|report|folder")
	}
	switch words[0] {
	case "watch":
		return watch(words[1:])
	case "call":
		return callOnce(words[1:])
	case "report":
		return report(words[1:])
	case "folder":
		return folder(words[1:])
	}
	return fmt.Errorf("witness: there is no %q", words[0])
}

// report prints what a witness in the same pod has seen.
func report(words []string) error {
	address := defaultHTTP
	if len(words) == 2 && words[0] == "--http" {
		address = words[1]
	}
	client := http.Client{Timeout: 5 * time.Second}
	response, err := client.Get("http://" + address + "/report")
	if err != nil {
		return err
	}
	defer response.Body.Close()
	_, err = io.Copy(os.Stdout, response.Body)
	return err
}

func folder(words []string) error {
	if len(words) < 2 {
		return errors.New("usage: witness folder make|remove FOLDER [FOLDER]")
	}
	for _, path := range words[1:] {
		var err error
		switch words[0] {
		case "make":
			err = os.MkdirAll(path, 0o755)
		case "remove":
			err = os.RemoveAll(path)
		default:
			err = fmt.Errorf("witness folder: there is no %q", words[0])
		}
		if err != nil {
			return err
		}
		fmt.Println(words[0], path)
	}
	return nil
}
