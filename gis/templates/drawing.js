(function (map) {
    const boxed = (value) => {
        const box = document.createElement("div");
        box.appendChild(document.createTextNode(value));
        return box;
    };
    const names = [];
    // Names lie over areas and under marks.
    map.createPane("names").style.cssText = "z-index: 550; pointer-events: none";
    L.control.scale({imperial: false}).addTo(map);
    for (const [line, features] of {{ areas|tojson }}) {
        const collection = {type: "FeatureCollection", features};
        const draw = (hatched) => L.geoJSON(collection, {
            filter: ({properties}) => !hatched || properties.hatch !== undefined,
            style: ({properties}) => hatched
                ? {stroke: false, fillColor: `url(#hatch-${properties.hatch})`, fillOpacity: 1}
                : {...line, ...properties.style},
            onEachFeature: ({properties}, layer) => {
                // What lies under a hatch is told by the hatch; lines without filling tell nothing.
                layer.options.interactive = Boolean(properties.tip) && (hatched || properties.hatch === undefined);
                if (layer.options.interactive) layer.bindTooltip(boxed(properties.tip), {sticky: true});
                if (properties.spot && !hatched) {
                    names.push(L.tooltip({permanent: true, direction: "center", className: "region-name", pane: "names"})
                        .setLatLng(properties.spot).setContent(boxed(properties.name)).addTo(map));
                }
            },
        }).addTo(map);
        draw(false);
        draw(true);
    }
    const icons = {{ icons|tojson }};
    for (const [lat, lon, look, tip] of {{ dots|tojson }}) {
        const dot = L.marker([lat, lon], {
            icon: L.divIcon({html: icons[look], className: "dot", iconSize: [12, 12]}), keyboard: false,
        }).addTo(map);
        if (tip) dot.bindPopup(boxed(tip));
    }
    // Up is north in this projection.
    const arrow = L.control({position: "topright"});
    arrow.onAdd = () => {
        const box = boxed({{ north|tojson }});
        box.className = "north";
        box.insertAdjacentHTML("afterbegin", '<svg width="20" height="30" viewBox="0 0 20 30"><path d="M10 0 18 30 10 24 2 30Z"/></svg>');
        return box;
    };
    arrow.addTo(map);
    // A name that would lie on another one moves aside; one that finds no room is left out until the map is nearer.
    const aside = [[0, 0], [0, -14], [0, 14], [-30, 0], [30, 0], [-30, -14], [30, -14], [-30, 14], [30, 14]];
    const apart = (a, b) => a.right < b.left || b.right < a.left || a.bottom < b.top || b.bottom < a.top;
    const settle = () => {
        const taken = [];
        for (const name of names) {
            const shown = name.getElement();
            const free = aside.some((offset) => {
                name.options.offset = offset;
                name.update();
                const box = shown.getBoundingClientRect();
                return taken.every((other) => apart(box, other)) && taken.push(box);
            });
            shown.style.visibility = free ? "" : "hidden";
        }
    };
    map.on("zoomend resize", settle);
    settle();
})({{ map }});
