// For each alert what makes it fire, with the words that a person then reads, and what is close to that and must not.
// Series are in promtool's notation, a value a minute.

export interface AlertCase {
  alert: string;
  /** By series; the alert is looked at in the last minute of `minutes`. */
  firing: Readonly<Record<string, string>>;
  minutes: number;
  labels: Readonly<Record<string, string>>;
  summary: string;
  description: string;
  /** Each by what is right about it. */
  quiet: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

const AGENT = { job: "procview-agent", instance: "10.0.0.7:9464", node: "n7" } as const;
const at = (name: string, more: Readonly<Record<string, string>> = {}, target: object = AGENT): string =>
  `${name}{${Object.entries({ ...target, ...more })
    .map(([label, value]) => `${label}="${value}"`)
    .join(",")}}`;
const WEBHOOK = { job: "procview-system/procview-webhook", instance: "10.0.1.2:8443" } as const;
const atWebhook = (name: string, more: Readonly<Record<string, string>> = {}): string => at(name, more, WEBHOOK);

const DAY = 24 * 3600;

export const ALERT_CASES: readonly AlertCase[] = [
  {
    alert: "ProcviewAgentDown",
    firing: { [at("up")]: "1 0x9" },
    minutes: 7,
    labels: { ...AGENT, severity: "critical" },
    summary: "No answer from the procview agent of n7",
    description:
      "Its metrics could not be scraped for 5 minutes. Containers go on reading what it left behind or, after its grace, the host's numbers; new containers are not looked after.",
    quiet: {
      "a restart of three minutes": { [at("up")]: "1 0x3 1x5" },
      "somebody else's target": { 'up{job="node-exporter",instance="n7:9100"}': "0x9" },
    },
  },
  {
    alert: "ProcviewAgentMissing",
    firing: {
      [at("up")]: "1x30",
      'kube_daemonset_status_number_unavailable{daemonset="procview-agent",namespace="procview-system"}': "2x30",
    },
    minutes: 20,
    labels: { daemonset: "procview-agent", namespace: "procview-system", severity: "critical" },
    summary: "Nodes that should have a procview agent have none",
    description:
      "For 15 minutes 2 nodes have had no procview agent that is available. Injected pods do not start there.",
    quiet: {
      "an upgrade, node by node": {
        [at("up")]: "1x30",
        'kube_daemonset_status_number_unavailable{daemonset="procview-agent",namespace="procview-system"}': "1x9 0x20",
      },
      "somebody else's DaemonSet": {
        [at("up")]: "1x30",
        'kube_daemonset_status_number_unavailable{daemonset="kube-proxy",namespace="kube-system"}': "1x30",
      },
    },
  },
  {
    alert: "ProcviewAgentMissing",
    firing: { 'up{job="node-exporter",instance="n7:9100"}': "1x30" },
    minutes: 20,
    labels: { severity: "critical" },
    summary: "Nodes that should have a procview agent have none",
    description:
      "For 15 minutes Prometheus has found no procview agent that is available. Injected pods do not start there.",
    quiet: {},
  },
  {
    alert: "ProcviewAgentNotReady",
    firing: { [at("procview_ready")]: "1 0x9" },
    minutes: 7,
    labels: { ...AGENT, severity: "critical" },
    summary: "Reads are not answered on n7",
    description:
      "The agent runs, but for 5 minutes no read through its mount was answered in time, or another agent has been serving in its place.",
    quiet: { "a hang that was mended": { [at("procview_ready")]: "1 0x2 1x6" } },
  },
  {
    alert: "ProcviewKeeperDown",
    firing: { [at("procview_keeper_up")]: "1 0x9", [at("procview_serving")]: "1x9" },
    minutes: 5,
    labels: { ...AGENT, severity: "warning" },
    summary: "Nobody keeps the session of n7",
    description:
      "Reads are answered, but when this agent ends, every container of the node loses its files until they are attached anew.",
    quiet: {
      "an agent that waits for another": { [at("procview_keeper_up")]: "0x9", [at("procview_serving")]: "0x9" },
      "a keeper that was ended once": { [at("procview_keeper_losses_total")]: "0 0 1x9" },
    },
  },
  {
    alert: "ProcviewKeeperDown",
    firing: { [at("procview_keeper_losses_total")]: "0 0 1 2 3 4 5 6" },
    minutes: 7,
    labels: { ...AGENT, severity: "warning" },
    summary: "Nobody keeps the session of n7",
    description:
      "Reads are answered, but when this agent ends, every container of the node loses its files until they are attached anew.",
    quiet: {},
  },
  {
    alert: "ProcviewReadsFailing",
    firing: { [at("procview_errors_total", { reason: "EIO" })]: "0+30x12" },
    minutes: 10,
    labels: { ...AGENT, severity: "critical" },
    summary: "Reads in containers fail on n7",
    description: "0.50 requests a second have been answered with an error for 5 minutes.",
    quiet: {
      "names that do not exist, threads that ended": {
        [at("procview_errors_total", { reason: "ENOENT" })]: "0+300x12",
        [at("procview_errors_total", { reason: "ESRCH" })]: "0+3x12",
        [at("procview_errors_total", { reason: "EIO" })]: "7x12",
      },
    },
  },
  {
    alert: "ProcviewServesFallback",
    firing: {
      [at("procview_stale_renders_total")]: "0+60x20",
      [at("procview_host_fallbacks_total")]: "0+60x20",
    },
    minutes: 15,
    labels: { ...AGENT, severity: "warning" },
    summary: "Containers of n7 read old numbers or the host's",
    description:
      "2.00 files a second could not be rendered for 10 minutes; the last good rendering or the host's file was served in their place.",
    quiet: {
      "containers that ended while they were read": {
        [at("procview_stale_renders_total")]: "0 0 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3",
        [at("procview_host_fallbacks_total")]: "0x20",
      },
    },
  },
  {
    alert: "ProcviewStalls",
    firing: { [at("procview_stall_seconds_total")]: "0x5 6x20" },
    minutes: 16,
    labels: { ...AGENT, severity: "warning" },
    summary: "Readers had to wait on n7",
    description:
      "In the last 15 minutes nobody answered readers for 6.0 s. No read failed, but whatever read /proc stood still.",
    quiet: { "two hand-overs": { [at("procview_stall_seconds_total")]: "0 0 0.1 0.1 0.2 0.2x15" } },
  },
  {
    alert: "ProcviewServerCrashLoops",
    firing: {
      [at("procview_server_restarts_total", { reason: "died" })]: "0+1x20",
      [at("procview_server_restarts_total", { reason: "hung" })]: "0x20",
    },
    minutes: 16,
    labels: { ...AGENT, severity: "critical" },
    summary: "The file-system process of n7 keeps ending",
    description: "It was replaced 15 times in 15 minutes, because it died or hung.",
    quiet: { "it was killed twice": { [at("procview_server_restarts_total", { reason: "died" })]: "0 0 1 2x15" } },
  },
  {
    alert: "ProcviewMountsNotHealed",
    firing: { [at("procview_attached_files", { state: "stale" })]: "0 12x9" },
    minutes: 7,
    labels: { ...AGENT, state: "stale", severity: "critical" },
    summary: "Files in containers of n7 are stale and stay so",
    description:
      "12 files have not been mended for 5 minutes. Reading a stale one fails with ENOTCONN; one of the host or of another container shows that one's numbers.",
    quiet: {
      "mended in the next round": { [at("procview_attached_files", { state: "stale" })]: "0 12 12 0x9" },
      "what containers mount themselves": { [at("procview_attached_files", { state: "covered" })]: "3x9" },
    },
  },
  {
    alert: "ProcviewAttachFails",
    firing: { [at("procview_attach_total", { outcome: "not-permitted" })]: "0+1x30" },
    minutes: 15,
    labels: { ...AGENT, severity: "warning" },
    summary: "Containers of n7 do not get their files",
    description: "For 10 minutes attaching to containers has failed, or waited in the kernel, over and over.",
    quiet: {
      "containers that come and go": {
        [at("procview_attach_total", { outcome: "attached" })]: "0+20x30",
        [at("procview_attach_total", { outcome: "vanished" })]: "0+5x30",
        [at("procview_attach_total", { outcome: "own-mount" })]: "0+5x30",
      },
    },
  },
  {
    alert: "ProcviewAttachFails",
    firing: { [at("procview_attach_stuck_processes")]: "0 1x20" },
    minutes: 15,
    labels: { ...AGENT, severity: "warning" },
    summary: "Containers of n7 do not get their files",
    description: "For 10 minutes attaching to containers has failed, or waited in the kernel, over and over.",
    quiet: { "rounds that succeed": { [at("procview_attach_rounds_failed_total")]: "4x20" } },
  },
  {
    alert: "ProcviewWebhookDown",
    firing: { [atWebhook("up")]: "1 0x9" },
    minutes: 7,
    labels: { severity: "critical" },
    summary: "No replica of the procview webhook answers",
    description: "Pods start, but for 5 minutes none has been injected; they see the node's numbers until recreated.",
    quiet: {
      "one of two is left": { [atWebhook("up")]: "1 0x9", [atWebhook("up", { instance: "10.0.1.3:8443" })]: "1x9" },
      "an installation without one": { [at("up")]: "1x9" },
    },
  },
  {
    alert: "ProcviewWebhookUnable",
    firing: { [atWebhook("procview_webhook_reviews_total", { decision: "unable", reason: "fault" })]: "0x10 5x2" },
    minutes: 11,
    labels: { reason: "fault", severity: "warning" },
    summary: "Pods were let through without a decision",
    description: "The webhook could not decide about 5 pods in 10 minutes (fault).",
    quiet: {
      "pods that nobody asked to inject": {
        [atWebhook("procview_webhook_reviews_total", { decision: "skip", reason: "notOptedIn" })]: "0+50x12",
      },
    },
  },
  {
    alert: "ProcviewWebhookCallsFail",
    firing: {
      'apiserver_admission_webhook_fail_open_count{name="inject.procview.io",type="admit",instance="10.0.0.1:6443"}':
        "0+1x20",
    },
    minutes: 15,
    labels: { severity: "warning" },
    summary: "The API server cannot have pods reviewed",
    description: "About 10 calls of the webhook failed in 10 minutes; the pods started uninjected.",
    quiet: {
      "calls of another webhook": {
        'apiserver_admission_webhook_fail_open_count{name="istio",type="admit",instance="10.0.0.1:6443"}': "0+1x20",
        [atWebhook("procview_webhook_rejected_requests_total", { status: "400" })]: "0x20",
      },
    },
  },
  {
    alert: "ProcviewWebhookCallsFail",
    firing: { [atWebhook("procview_webhook_rejected_requests_total", { status: "413" })]: "0+2x20" },
    minutes: 15,
    labels: { severity: "warning" },
    summary: "The API server cannot have pods reviewed",
    description: "About 20 calls of the webhook failed in 10 minutes; the pods started uninjected.",
    quiet: {},
  },
  {
    alert: "ProcviewCertificateExpires",
    firing: { [atWebhook("procview_webhook_certificate_expiry_timestamp_seconds")]: `${2 * DAY}x20` },
    minutes: 20,
    labels: { ...WEBHOOK, severity: "critical" },
    summary: "The webhook's certificate ends soon, or there is none",
    description:
      "It ends in 1d 23h 40m 0s. After that the API server calls the webhook no more, and no pod is injected.",
    quiet: {
      "eight days are left": { [atWebhook("procview_webhook_certificate_expiry_timestamp_seconds")]: `${8 * DAY}x20` },
      "none yet, since it starts": {
        [atWebhook("procview_webhook_certificate_expiry_timestamp_seconds")]: `0x9 ${90 * DAY}x20`,
      },
    },
  },
  {
    alert: "ProcviewAdmissionSlow",
    firing: {
      [atWebhook("procview_webhook_review_duration_seconds_bucket", { le: "0.1" })]: "0+90x20",
      [atWebhook("procview_webhook_review_duration_seconds_bucket", { le: "0.5" })]: "0+100x20",
      [atWebhook("procview_webhook_review_duration_seconds_bucket", { le: "+Inf" })]: "0+100x20",
    },
    minutes: 15,
    labels: { severity: "warning" },
    summary: "The webhook takes long to review pods",
    description: "One review in a hundred takes 460ms or more; every pod waits for it.",
    quiet: {
      "one in a thousand": {
        [atWebhook("procview_webhook_review_duration_seconds_bucket", { le: "0.1" })]: "0+999x20",
        [atWebhook("procview_webhook_review_duration_seconds_bucket", { le: "+Inf" })]: "0+1000x20",
      },
    },
  },
];
