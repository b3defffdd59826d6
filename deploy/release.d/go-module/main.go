// SPDX-License-Identifier: Apache-2.0

// Command go-module writes a module in the files of a module proxy (go help goproxy):
//
//	go-module FOLDER VERSION SECONDS PROXY
//
// FOLDER has the module, SECONDS is the time of the version since 1970, PROXY the proxy's folder.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

func main() {
	if len(os.Args) != 5 {
		fmt.Fprintln(os.Stderr, "Usage: go-module FOLDER VERSION SECONDS PROXY")
		os.Exit(2)
	}
	if err := write(os.Args[1], os.Args[2], os.Args[3], os.Args[4]); err != nil {
		fmt.Fprintln(os.Stderr, "go-module:", err)
		os.Exit(1)
	}
}

func write(folder, version, seconds, proxy string) error {
	since1970, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return err
	}
	mod, err := os.ReadFile(filepath.Join(folder, "go.mod"))
	if err != nil {
		return err
	}
	this := module.Version{Path: modfile.ModulePath(mod), Version: version}
	escaped, err := module.EscapePath(this.Path)
	if err != nil {
		return err
	}
	out := filepath.Join(proxy, filepath.FromSlash(escaped), "@v")
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	info, err := json.Marshal(struct {
		Version string
		Time    time.Time
	}{version, time.Unix(since1970, 0).UTC()})
	if err != nil {
		return err
	}
	for name, content := range map[string][]byte{
		version + ".mod":  mod,
		version + ".info": append(info, '\n'),
		"list":            []byte(version + "\n"),
	} {
		if err := os.WriteFile(filepath.Join(out, name), content, 0o644); err != nil {
			return err
		}
	}
	file, err := os.Create(filepath.Join(out, version+".zip"))
	if err != nil {
		return err
	}
	if err := zip.CreateFromDir(file, this, folder); err != nil {
		return err
	}
	return file.Close()
}
