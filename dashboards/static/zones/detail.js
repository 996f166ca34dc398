// One zone: what its rule says, how it stands, and every version with who, when and why.
import { el } from "/static/shared/dom.js";
import { nameOf, t } from "/static/shared/texts.js";
import { full, timeElement } from "/static/shared/time.js";
import { ruleOf } from "/static/zones/words.js";

const STATES = { in_season: "done", out_of_season: "grey", scheduled: "blue", ended: "", retired: "" };
export const stateTag = (zone) => el("span", { class: `tag ${STATES[zone.state]}`, dataset: { state: zone.state } }, t(`zones.state_${zone.state}`));

/** detail(zone, {words, actions, onVersion(version)}): `actions` are buttons. */
export function detail(zone, { words, actions, onVersion }) {
  return el("div", { class: "stack", dataset: { testid: "zone-detail", code: zone.code } },
    el("header", {}, el("h2", { tabindex: "-1" }, nameOf(zone)),
      el("div", { class: "row" }, stateTag(zone), el("span", { class: "tag" }, t(`zones.kind_${zone.kind}`)),
        zone.synthetic ? el("span", { class: "tag yellow" }, t("zones.synthetic")) : null,
        el("span", { class: "muted small number" }, `${zone.code} · ${t("zones.version", { n: zone.version })} · ${t("zones.size", { n: zone.area_km2 })}`))),
    el("div", { class: "row" }, ...actions),
    rule(zone, words),
    zone.source ? el("p", { class: "small muted" }, t("zones.source_says", { source: zone.source })) : null,
    el("h3", {}, t("zones.versions")),
    el("ol", { class: "zones-versions" }, ...zone.versions.map((version) => past(version, zone, words, onVersion))));
}

const rule = (zone, words) => el("dl", { class: "zones-rule" }, ...ruleOf(zone, words).flatMap(([term, text]) => [el("dt", {}, term), el("dd", {}, text)]));

function past(version, zone, words, onVersion) {
  const holds = version.version === zone.version_in_force;
  const span = version.holds_from
    ? t(version.holds_until ? "zones.held" : "zones.holds_since", { from: full(version.holds_from), until: version.holds_until ? full(version.holds_until) : "" })
    : t(version.retired ? "zones.was_retired" : "zones.never_held");
  return el("li", { dataset: { version: version.version } },
    el("div", { class: "row" }, el("b", {}, t("zones.version", { n: version.version })), holds ? el("span", { class: "tag done" }, t("zones.holds")) : null,
      el("span", { class: "small muted push" }, version.created_by === "system" ? t("role.system") : version.created_by, " ", timeElement(version.created_at, "short"))),
    el("p", {}, version.note || "–"),
    el("p", { class: "small muted" }, span),
    version.retired ? null : el("details", { ontoggle: (event) => onVersion(event.target.open ? version : null) }, el("summary", { class: "small" }, t("zones.version_says")), rule(version, words)));
}
