#include "tests/faultlab/report/html.hpp"

namespace reflector::faultlab {

const char* const page_style = R"(
:root{color-scheme:light dark;--page:#f6f7f9;--card:#fff;--text:#1b2430;--soft:#5b6675;--edge:#dce1e8;
--good:#17713a;--bad:#b3261e;--open:#8a5a00;--none:#5b6675;--fault:#d9480f;--restart:#7b2cbf;
--c0:#1b2430;--c1:#1769c2;--c2:#0b8a6a;--c3:#b0318b;--c4:#96690a;--c5:#6a4fc9}
@media(prefers-color-scheme:dark){:root{--page:#12161c;--card:#1b2129;--text:#e6eaf0;--soft:#9aa6b5;
--edge:#303946;--good:#5fd08a;--bad:#ff8a80;--open:#f0bd5a;--none:#9aa6b5;--fault:#ff8a4c;
--restart:#d0a2ff;--c0:#e6eaf0;--c1:#6db3ff;--c2:#4fd1ae;--c3:#f28fd4;--c4:#e3b34d;--c5:#ab9bff}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1240px;padding:20px 16px 60px;background:var(--page);color:var(--text);
font:15px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
h1{font-size:1.5rem;margin:.2em 0}h2{font-size:1.2rem;margin:0}h3{font-size:1rem;margin:1.4em 0 .4em}
p{margin:.3em 0}a{color:var(--c1)}.soft,figcaption+ul span,th{color:var(--soft)}
section{background:var(--card);border:1px solid var(--edge);border-radius:10px;padding:18px;
margin-top:20px}
table{width:100%;border-collapse:collapse;font-variant-numeric:tabular-nums}
th{text-align:left;font-weight:500;font-size:.85rem}
td,th{padding:6px 12px 6px 0;border-top:1px solid var(--edge);vertical-align:top}
thead th{border-top:0}td.mark,td.n{white-space:nowrap;width:1%}
td.name{min-width:8em}.mark{font-weight:600}.met{color:var(--good)}.failed{color:var(--bad)}.not_shown{color:var(--open)}
.not_run{color:var(--none)}
ul.cases{margin:.3em 0;padding-left:1.2em;color:var(--soft)}
code,pre{font:.87em/1.5 ui-monospace,monospace}
pre{white-space:pre-wrap;margin:.5em 0;padding:10px;background:var(--page);border-radius:6px}
dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 16px;margin:.6em 0}
dt{color:var(--soft)}dd{margin:0;min-width:0}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,340px),1fr));gap:18px}
figure{margin:.6em 0 0;min-width:0}figcaption{font-weight:600}
.legend{list-style:none;margin:0;padding:0;display:flex;flex-wrap:wrap;gap:0 14px;font-size:.85rem}
svg.plot{display:block;width:100%;height:auto}svg.key{width:18px;height:8px;margin-right:5px}
svg text{font:10.5px system-ui,sans-serif;fill:var(--soft)}svg .label{fill:var(--fault);font-weight:600}
.grid{stroke:var(--edge);fill:none}.line{fill:none;stroke-width:1.8;stroke-linejoin:round}
.dashed{stroke-dasharray:5 3}.fault{fill:var(--fault);fill-opacity:.16}
.restart{stroke:var(--restart);stroke-dasharray:2 3;stroke-width:1.3}
.s0{stroke:var(--c0)}.s1{stroke:var(--c1)}.s2{stroke:var(--c2)}.s3{stroke:var(--c3)}
.s4{stroke:var(--c4)}.s5{stroke:var(--c5)}
@media(max-width:620px){body{padding:12px 8px 40px}section{padding:12px}.wide{display:none}
td,th{padding-right:8px}dl{grid-template-columns:1fr}dd{margin-bottom:5px}}
)";

}  // namespace reflector::faultlab
