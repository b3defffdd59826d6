#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes deploy/grafana/dashboard.json: the panels below, in the form that Grafana imports.

    deploy/grafana/make_dashboard.py
"""

import json
import pathlib

OUTPUT = pathlib.Path(__file__).with_name("dashboard.json")

_WIDTH, _HEIGHT = 8, 7  # three panels in a row of 24
_DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
# What all metrics are chosen by.
_OF = 'job=~"$job",instance=~"$instance"'

# Sections of (title, unit, [(query, legend)]); `of` in braces stands
# for the chosen instances. A unit of
# "state" makes a panel of single values.
SECTIONS = [
    ("At a glance", [
        ("Broker", "state", [("wirepas_grpc_broker_connected{of}", "{{instance}}")]),
        ("Gateways online", "short", [
            ("wirepas_grpc_gateways_online{of}", "{{instance}} online"),
            ("wirepas_grpc_gateways{of}", "{{instance}} known")]),
        ("Uplinks", "pps", [("rate(wirepas_grpc_uplinks_total{of}[$__rate_interval])",
                             "{{instance}}")]),
        ("Delay of uplinks, from arrival to hand-over", "s", [
            ("histogram_quantile(" + q + ", sum by (instance, le) ("
             "rate(wirepas_grpc_uplink_delay_seconds_bucket{of}[$__rate_interval])))",
             "{{instance}} " + q) for q in ("0.5", "0.99")]),
        ("Slowest subscriber", "s", [("wirepas_grpc_uplink_slowest_subscriber_seconds{of}",
                                      "{{instance}}")]),
        ("Gaps told", "short", [
            ("sum by (instance, reason) (increase(wirepas_grpc_uplink_gaps_total{of}"
             "[$__rate_interval]))", "{{instance}} {{reason}}")]),
    ]),
    ("Gateways and networks", [
        ("Uplinks by gateway, the ten with most", "pps", [
            ("topk(10, rate(wirepas_grpc_gateway_uplinks_total{of}[$__rate_interval]))",
             "{{gateway}}")]),
        ("Time since a gateway was heard, the ten with most", "s", [
            ("topk(10, time() - wirepas_grpc_gateway_last_heard_timestamp_seconds{of})",
             "{{gateway}}")]),
        ("Uplinks by network", "pps", [
            ("sum by (network) (rate(wirepas_grpc_network_uplinks_total{of}[$__rate_interval]))",
             "{{network}}")]),
        ("Sinks by gateway", "short", [("wirepas_grpc_gateway_sinks{of}", "{{gateway}}")]),
        ("Messages not used", "pps", [
            ("sum by (reason) (rate(wirepas_grpc_broker_messages_dropped_total{of}"
             "[$__rate_interval]))", "{{reason}}")]),
        ("Known nodes", "short", [("wirepas_grpc_nodes{of}", "{{instance}}"),
                                  ("wirepas_grpc_node_statuses{of}", "{{instance}} status")]),
    ]),
    ("Requests to gateways", [
        ("Requests by outcome", "reqps", [
            ("sum by (request, outcome) (rate(wirepas_grpc_gateway_requests_total{of}"
             "[$__rate_interval]))", "{{request}} {{outcome}}")]),
        ("Time to the answer, 99 %", "s", [
            ("histogram_quantile(0.99, sum by (request, le) ("
             "rate(wirepas_grpc_gateway_response_seconds_bucket{of}[$__rate_interval])))",
             "{{request}}")]),
        ("Unanswered, by gateway", "short", [
            ("topk(10, increase(wirepas_grpc_gateway_unanswered_total{of}[$__rate_interval]))",
             "{{gateway}}")]),
        ("Waiting", "short", [
            ("wirepas_grpc_pending_requests{of}", "{{instance}} for an answer"),
            ("wirepas_grpc_messages_waiting{of}", "{{instance}} for room in a sink")]),
        ("Messages sent again", "reqps", [
            ("rate(wirepas_grpc_message_retries_total{of}[$__rate_interval])",
             "{{instance}}")]),
        ("Subscriptions at the broker", "short", [
            ("wirepas_grpc_uplink_subscriptions{of}", "{{instance}} to uplinks"),
            ("wirepas_grpc_subscriptions_impaired{of}", "{{instance}} refused or lowered")]),
    ]),
    ("Calls of clients", [
        ("Calls by code", "reqps", [
            ("sum by (grpc_code) (rate(grpc_server_handled_total{of}[$__rate_interval]))",
             "{{grpc_code}}")]),
        ("Time of calls, 99 %, without streams", "s", [
            ("histogram_quantile(0.99, sum by (grpc_method, le) (rate("
             'grpc_server_handling_seconds_bucket{of,grpc_type="unary"}[$__rate_interval])))',
             "{{grpc_method}}")]),
        ("Responses sent", "pps", [
            ("sum by (grpc_method) (rate(grpc_server_msg_sent_total{of}[$__rate_interval])) > 0",
             "{{grpc_method}}")]),
        ("Requests received", "pps", [
            ("sum by (grpc_method) (rate(grpc_server_msg_received_total{of}[$__rate_interval]))"
             " > 0", "{{grpc_method}}")]),
        ("Open calls", "short", [
            ("sum by (grpc_method) (wirepas_grpc_calls_open{of}) > 0", "{{grpc_method}}"),
            ("wirepas_grpc_uplink_subscribers{of}", "{{instance}} subscribers of uplinks")]),
        ("Connections", "short", [
            ("wirepas_grpc_connections{of}", "{{instance}} open"),
            ("sum by (reason) (increase(wirepas_grpc_connections_closed_total{of}"
             "[$__rate_interval]))", "closed: {{reason}}")]),
    ]),
    ("Disk", [
        ("Stored", "pps", [
            ("rate(wirepas_grpc_uplinks_stored_total{of}[$__rate_interval])", "{{instance}}"),
            ("rate(wirepas_grpc_uplinks_not_stored_total{of}[$__rate_interval])",
             "{{instance}} not stored")]),
        ("Room", "bytes", [
            ("wirepas_grpc_state_bytes{of}", "{{instance}} taken"),
            ("wirepas_grpc_state_max_bytes{of}", "{{instance}} bound"),
            ("wirepas_grpc_state_free_bytes{of}", "{{instance}} free")]),
        ("Time until stored and synced, 99 %", "s", [
            ("histogram_quantile(0.99, sum by (instance, le) (rate("
             "wirepas_grpc_state_" + name + "_delay_seconds_bucket{of}[$__rate_interval])))",
             "{{instance}} " + name) for name in ("journal", "sync")]),
    ]),
    ("Process", [
        ("CPU", "percentunit", [
            ("rate(process_cpu_seconds_total{of}[$__rate_interval])", "{{instance}}")]),
        ("Memory", "bytes", [
            ("process_resident_memory_bytes{of}", "{{instance}}"),
            ("wirepas_grpc_uplink_log_bytes{of}", "{{instance}} uplinks"),
            ("wirepas_grpc_directory_bytes{of}", "{{instance}} gateways and sinks")]),
        ("Descriptors and threads", "short", [
            ("process_open_fds{of}", "{{instance}} descriptors"),
            ("process_threads{of}", "{{instance}} threads")]),
        ("Certificates end in", "s", [
            ("wirepas_grpc_certificate_expiry_timestamp_seconds{of} - time()",
             "{{instance}} {{option}}")]),
        ("Running since", "dateTimeAsIso", [
            ("process_start_time_seconds{of} * 1000", "{{instance}}")]),
        ("Alive", "state", [("min by (instance) (wirepas_grpc_alive{of})", "{{instance}}")]),
        ("Version", "state", [("wirepas_grpc_build_info{of}", "{{instance}} {{version}}")]),
    ]),
]


def _panel(number, title, unit, queries, x, y):
    single = unit in ("state", "dateTimeAsIso")
    panel = {
        "id": number,
        "type": "stat" if single else "timeseries",
        "title": title,
        "datasource": _DATASOURCE,
        "gridPos": {"x": x, "y": y, "w": _WIDTH, "h": _HEIGHT},
        "fieldConfig": {"defaults": {"unit": "none" if unit == "state" else unit}, "overrides": []},
        "targets": [
            {"refId": chr(ord("A") + i), "datasource": _DATASOURCE,
             "expr": query.replace("{of", "{" + _OF), "legendFormat": legend}
            for i, (query, legend) in enumerate(queries)],
    }
    if title == "Broker":
        panel["fieldConfig"]["defaults"]["mappings"] = [{"type": "value", "options": {
            "0": {"text": "away", "color": "red"}, "1": {"text": "connected", "color": "green"}}}]
    return panel


def _variable(name, label, query):
    return {"name": name, "label": label, "type": "query", "datasource": _DATASOURCE,
            "query": {"query": query, "refId": name}, "refresh": 2, "multi": True,
            "includeAll": True, "current": {"text": "All", "value": "$__all"}}


def dashboard():
    panels, y = [], 0
    for section, entries in SECTIONS:
        panels.append({"id": len(panels) + 1, "type": "row", "title": section, "collapsed": False,
                       "gridPos": {"x": 0, "y": y, "w": 24, "h": 1}, "panels": []})
        y += 1
        for i, (title, unit, queries) in enumerate(entries):
            panels.append(_panel(len(panels) + 1, title, unit, queries, i % 3 * _WIDTH,
                                 y + i // 3 * _HEIGHT))
        y += (len(entries) + 2) // 3 * _HEIGHT
    return {
        "title": "wirepas-grpc",
        "uid": "wirepas-grpc",
        "tags": ["wirepas"],
        "schemaVersion": 39,
        "time": {"from": "now-1h", "to": "now"},
        "refresh": "30s",
        "templating": {"list": [
            {"name": "datasource", "label": "Data source", "type": "datasource",
             "query": "prometheus"},
            _variable("job", "Job", "label_values(wirepas_grpc_build_info, job)"),
            _variable("instance", "Instance",
                      'label_values(wirepas_grpc_build_info{job=~"$job"}, instance)'),
        ]},
        "panels": panels,
    }


if __name__ == "__main__":
    OUTPUT.write_text(json.dumps(dashboard(), indent=1, ensure_ascii=False) + "\n",
                      encoding="utf-8")
