// SPDX-License-Identifier: Apache-2.0

// Mochi runs the broker of github.com/mochi-mqtt/server in memory:
//
//	mochi CONFIG
//
// CONFIG is a file of JSON: "port" on the loopback interface; "capabilities", of which those that
// are left out stay as the library has them; "denied", filters that nobody may subscribe to and
// publish to; "forgets_retained", true where retained messages are passed on and not kept. It says
// "ready" when it can be connected to, and ends in order on SIGTERM.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	"os/signal"
	"slices"
	"syscall"

	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/hooks/auth"
	"github.com/mochi-mqtt/server/v2/listeners"
	"github.com/mochi-mqtt/server/v2/packets"
)

type config struct {
	Port            int                `json:"port"`
	Capabilities    *mqtt.Capabilities `json:"capabilities"`
	Denied          []string           `json:"denied"`
	ForgetsRetained bool               `json:"forgets_retained"`
}

// hook lets everybody in, denies what is in the list, and takes the mark from messages that are to
// be retained. The library's own switch for that refuses clients whose last will has the mark.
type hook struct {
	mqtt.HookBase
	config *config
}

func (h *hook) ID() string { return "config" }

func (h *hook) Provides(b byte) bool {
	return slices.Contains([]byte{mqtt.OnConnectAuthenticate, mqtt.OnACLCheck, mqtt.OnPublish, mqtt.OnWill}, b)
}

func (h *hook) OnConnectAuthenticate(*mqtt.Client, packets.Packet) bool { return true }

func (h *hook) OnACLCheck(_ *mqtt.Client, topic string, _ bool) bool {
	return !slices.ContainsFunc(h.config.Denied, func(filter string) bool {
		_, matches := auth.MatchTopic(filter, topic)
		return matches
	})
}

func (h *hook) OnPublish(_ *mqtt.Client, message packets.Packet) (packets.Packet, error) {
	message.FixedHeader.Retain = message.FixedHeader.Retain && !h.config.ForgetsRetained
	return message, nil
}

func (h *hook) OnWill(_ *mqtt.Client, will mqtt.Will) (mqtt.Will, error) {
	will.Retain = will.Retain && !h.config.ForgetsRetained
	return will, nil
}

func read(path string) (*config, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	c := &config{Capabilities: mqtt.NewDefaultServerCapabilities()}
	if err := json.Unmarshal(text, c); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

func run(path string) error {
	c, err := read(path)
	if err != nil {
		return err
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGINT, syscall.SIGTERM)
	server := mqtt.New(&mqtt.Options{Capabilities: c.Capabilities})
	if err := server.AddHook(&hook{config: c}, nil); err != nil {
		return err
	}
	address := fmt.Sprintf("127.0.0.1:%d", c.Port)
	err = server.AddListener(listeners.NewTCP(listeners.Config{ID: "mqtt", Address: address}))
	if err != nil {
		return err
	}
	if err := server.Serve(); err != nil {
		return err
	}
	fmt.Println("ready")
	<-stop
	return server.Close()
}

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: mochi CONFIG")
	}
	if err := run(os.Args[1]); err != nil {
		log.Fatal(err)
	}
}
