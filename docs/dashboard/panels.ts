// What the dashboard shows: THE table. No query comes back empty while all is well: what seldom happens is shown as 0.

import { AGENT, graph, increase, one, quantile, type Row, rate, stacked, stat } from "./panel.ts";

export const ROWS: readonly Row[] = [
  {
    title: "At a glance",
    panels: [
      stat("Agents ready", "none", one(`sum(procview_ready{${AGENT}})`), "Agents whose mount answers readers."),
      stat("Sessions kept", "none", one(`sum(procview_keeper_up{${AGENT}})`), "Should be the number of agents."),
      stat("Containers with files", "none", one(`sum(procview_attached_containers{${AGENT}})`), "On all nodes."),
      stat(
        "Requests failed, last hour",
        "none",
        one(`sum(increase(procview_errors_total{${AGENT},reason=~"EIO|EPERM|EFBIG|EPROTO|other"}[1h]))`),
        "Anything but 0 is a fault.",
      ),
      stat(
        "Stalled, last hour",
        "s",
        one(`sum(increase(procview_stall_seconds_total{${AGENT}}[1h]))`),
        "Seconds in which nobody answered readers. No read fails meanwhile.",
      ),
      stat(
        "Certificate ends in",
        "dtdurations",
        one("min(procview_webhook_certificate_expiry_timestamp_seconds) - time()"),
        "One of our own making lives 90 days and is renewed after 60.",
      ),
    ],
  },
  {
    title: "Reads and latency",
    panels: [
      stacked(
        "Requests, by file",
        "reqps",
        one(`sum by (file) (${rate("procview_requests_total")})`, "{{file}}"),
        "Requests of the kernel. Most reads cost none: the page cache answers them.",
      ),
      graph(
        "Time to answer a request",
        "s",
        [
          { expr: quantile(0.5, "procview_request_seconds_bucket", "le", AGENT), legend: "median" },
          { expr: quantile(0.99, "procview_request_seconds_bucket", "le", AGENT), legend: "99 %" },
        ],
        "From reading a request to answering it.",
      ),
      graph(
        "Requests answered with an error",
        "reqps",
        [
          {
            expr: `sum(${rate("procview_errors_total", `${AGENT},reason=~"ENOENT|ESRCH|ESTALE|ENOSYS|EINTR"`)})`,
            legend: "of the reader's making (ENOENT, ...)",
          },
          {
            expr: `sum(${rate("procview_errors_total", `${AGENT},reason!~"ENOENT|ESRCH|ESTALE|ENOSYS|EINTR"`)})`,
            legend: "faults (EIO, ...)",
          },
        ],
        "Faults should not be.",
      ),
    ],
  },
  {
    title: "Rendering",
    panels: [
      graph(
        "Renders and cache hits",
        "reqps",
        [
          { expr: `sum(${rate("procview_cache_hits_total")})`, legend: "hits" },
          { expr: `sum(${rate("procview_renders_total")})`, legend: "renders" },
        ],
        "A hit is a LOOKUP or GETATTR that a rendering before it answers.",
      ),
      stacked(
        "Renders, by file",
        "reqps",
        one(`sum by (file) (${rate("procview_renders_total")})`, "{{file}}"),
        "At most one per file, container and --freshness.",
      ),
      graph(
        "Renders that failed, and why",
        "reqps",
        [
          { expr: `sum(${rate("procview_stale_renders_total")})`, legend: "last good one served" },
          { expr: `sum(${rate("procview_host_fallbacks_total")})`, legend: "host's file served" },
          { expr: `sum(${rate("procview_forced_turns_total")})`, legend: "renewed under a slow reader" },
          { expr: `sum(${rate("procview_cgroup_reads_failed_total")})`, legend: "cgroup file unreadable" },
          { expr: `sum(${rate("procview_host_reads_failed_total")})`, legend: "host file unreadable" },
        ],
        "Readers got numbers all the same: older ones, or the host's.",
      ),
    ],
  },
  {
    title: "Stalls and takeovers",
    panels: [
      graph(
        "Seconds nobody answered",
        "s",
        one(`sum by (instance) (${increase("procview_stall_seconds_total")})`, "{{instance}}"),
        "Requests wait in the kernel and are answered by the next process.",
      ),
      graph(
        "Replaced",
        "short",
        [
          { expr: `sum(${increase("procview_session_takeovers_total")})`, legend: "sessions taken over" },
          {
            expr: `sum by (reason) (${increase("procview_server_restarts_total")})`,
            legend: "server {{reason}}",
          },
          { expr: `sum(${increase("procview_keeper_losses_total")})`, legend: "keeper lost" },
        ],
        "An upgrade takes each session over once.",
      ),
      graph(
        "Answers, serves, is kept",
        "short",
        [
          { expr: `sum(procview_ready{${AGENT}})`, legend: "ready" },
          { expr: `sum(procview_serving{${AGENT}})`, legend: "serving" },
          { expr: `sum(procview_keeper_up{${AGENT}})`, legend: "kept" },
        ],
        "Agents. All three should be the same.",
      ),
    ],
  },
  {
    title: "Containers",
    panels: [
      stacked(
        "Containers, by state",
        "short",
        one(`sum by (state) (procview_attached_containers{${AGENT}})`, "{{state}}"),
        "Each is what its worst file is. stale, host and other should go within a round.",
      ),
      stacked(
        "Attached, by result",
        "short",
        [
          {
            expr: `sum by (outcome) (${increase("procview_attach_total", `${AGENT},outcome=~"attached|reattached|replaced|detached"`)})`,
            legend: "{{outcome}}",
          },
          {
            expr: `sum(${increase("procview_attach_total", `${AGENT},outcome=~"own-mount|no-procfs|no-target|vanished|pid-reused"`)})`,
            legend: "left, for a good reason",
          },
          {
            expr: `sum(${increase("procview_attach_total", `${AGENT},outcome!~"kept|attached|reattached|replaced|detached|own-mount|no-procfs|no-target|vanished|pid-reused"`)})`,
            legend: "failed",
          },
        ],
        "Files in containers. What was right already is not shown.",
      ),
      graph(
        "Stale files found; time of a round",
        "short",
        [
          { expr: `sum(${increase("procview_stale_mounts_found_total")})`, legend: "stale files found" },
          { expr: `max(procview_attach_round_seconds{${AGENT}})`, legend: "seconds of the longest round" },
        ],
        "Files are stale when a session was lost: agent and keeper both ended.",
      ),
    ],
  },
  {
    title: "Agents",
    panels: [
      graph(
        "CPU",
        "cores",
        [
          { expr: `sum by (instance) (${rate("procview_server_cpu_seconds_total")})`, legend: "server {{instance}}" },
          {
            expr: `sum by (instance) (${rate("procview_agent_process_cpu_seconds_total")})`,
            legend: "agent {{instance}}",
          },
        ],
        "The server answers the kernel; the agent looks after it and after containers.",
      ),
      graph(
        "Memory",
        "bytes",
        [
          { expr: `sum by (instance) (procview_server_resident_bytes{${AGENT}})`, legend: "server {{instance}}" },
          {
            expr: `sum by (instance) (procview_agent_process_resident_memory_bytes{${AGENT}})`,
            legend: "agent {{instance}}",
          },
        ],
        "Resident.",
      ),
      graph(
        "Time of a read through the mount",
        "s",
        one(`max by (instance) (procview_probe_seconds{${AGENT}})`, "{{instance}}"),
        "As /readyz does it: most of it is the start of a process.",
      ),
    ],
  },
  {
    title: "Webhook",
    panels: [
      stacked(
        "Reviews, by decision",
        "reqps",
        one(`sum by (decision) (${rate("procview_webhook_reviews_total", "")})`, "{{decision}}"),
        "unable is a fault: the pod was let through without a decision.",
      ),
      graph(
        "Time of a review",
        "s",
        [
          { expr: quantile(0.5, "procview_webhook_review_duration_seconds_bucket", "le"), legend: "median" },
          { expr: quantile(0.99, "procview_webhook_review_duration_seconds_bucket", "le"), legend: "99 %" },
        ],
        "In the webhook itself, without the network.",
      ),
      stacked(
        "Not injected though asked for, or a fault",
        "reqps",
        one(
          `sum by (reason) (${rate("procview_webhook_reviews_total", 'decision=~"skip|unable",reason!~"notAPod|notCreated|notOptedIn|optedOut|mirrorPod|alreadyInjected|ephemeralContainers"')})`,
          "{{reason}}",
        ),
        "Reasons are explained in the README.",
      ),
      graph(
        "Requests rejected, Events, certificates",
        "reqps",
        [
          { expr: `sum(${rate("procview_webhook_rejected_requests_total", "")})`, legend: "requests rejected" },
          {
            expr: `sum by (result) (${rate("procview_webhook_events_total", "")})`,
            legend: "Events {{result}}",
          },
          {
            expr: `sum(${rate("procview_webhook_certificate_loads_total", 'result="failed"')})`,
            legend: "certificates not usable",
          },
        ],
        "Events tell people what was skipped.",
      ),
      graph(
        "CPU of the webhook",
        "cores",
        one(`sum by (instance) (${rate("procview_webhook_process_cpu_seconds_total", "")})`, "{{instance}}"),
        "All its threads.",
      ),
      graph(
        "Memory of the webhook",
        "bytes",
        one("sum by (instance) (procview_webhook_process_resident_memory_bytes)", "{{instance}}"),
        "Resident.",
      ),
    ],
  },
];
