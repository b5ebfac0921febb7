import type { VariantLook } from "../chart.js";

/** The page's only style sheet. Colours are variables: charts use `--ink`, `--muted`, `--line` and `--grid` too. */
export function styleSheet(looks: readonly VariantLook[]): string {
  const swatches = looks.map((look) => `.v${look.index}{background:${look.color}}`).join("");
  return `${LIGHT_AND_DARK}${PAGE}${BLOCKS}${WIDGETS}${swatches}${SMALL_AND_PRINT}`;
}

const LIGHT = `--paper:#fff;--card:#f7f8fa;--ink:#1a1d23;--muted:#565d69;--line:#c9ced6;--grid:#e7e9ed;--accent:#0b62a8;
--good:#0a6b48;--bad:#a33a06;--warn-bg:#fff6e0;--warn-line:#d9a400;--error-bg:#fdecea;--error-line:#c43c2c;--info-bg:#eef4fb;--info-line:#7aa7d6`;
/** The colours of light paper, for drawings that leave the page. */
export const lightColors: Readonly<Record<string, string>> = Object.fromEntries(
  LIGHT.split(";").map((each) => each.trim().split(":") as [string, string]),
);
const DARK = `--paper:#14161a;--card:#1c1f25;--ink:#e8eaed;--muted:#a2a9b4;--line:#4a505b;--grid:#2b2f36;--accent:#7cb8f2;
--good:#5fc79c;--bad:#f39a66;--warn-bg:#2e2710;--warn-line:#b58900;--error-bg:#351a17;--error-line:#d2604f;--info-bg:#182430;--info-line:#41688f`;

const LIGHT_AND_DARK = `
:root{color-scheme:light dark;${LIGHT}}
@media (prefers-color-scheme:dark){:root{${DARK}}}
@media print{:root{color-scheme:light;${LIGHT}}}
`;

const PAGE = `
*{box-sizing:border-box}
html{scroll-behavior:smooth;scroll-padding-top:1rem}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
body>header,main,nav{max-width:62rem;margin:0 auto;padding:0 1.25rem}
body>header{padding-top:2.5rem}
h1{font-size:2rem;line-height:1.2;margin:0 0 .4rem;letter-spacing:-.015em}
h2{font-size:1.4rem;line-height:1.25;margin:0 0 .8rem;letter-spacing:-.01em}
h3{font-size:1.05rem;margin:1.5rem 0 .5rem}
p{margin:.5rem 0 .8rem;max-width:46rem}
a{color:var(--accent)}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:2px}
.skip{position:absolute;left:-9999px}
.skip:focus{left:1rem;top:1rem;background:var(--paper);padding:.4rem .8rem;z-index:9}
.question{font-size:1.15rem;color:var(--muted);margin:0 0 1rem}
.kicker{color:var(--muted);font-size:.85rem;letter-spacing:.04em;text-transform:uppercase;margin:0 0 .3rem}
main{outline:none;padding-bottom:4rem}
section{margin:3.2rem 0 0}
nav ul{display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;list-style:none;padding:.7rem 0;margin:1.2rem 0 0;border-block:1px solid var(--grid);font-size:.9rem}
nav a{text-decoration:none;color:var(--muted)}
nav a:hover,nav a:focus-visible,nav a[aria-current]{color:var(--ink)}
nav a[aria-current]{font-weight:600}
@media (min-width:88rem){
 nav{position:fixed;left:calc(50% - 43rem);top:2.6rem;width:11rem;margin:0;padding:0}
 nav ul{flex-direction:column;border:0;margin:0;gap:.35rem}
}
.sprites{position:absolute;overflow:hidden}
.variants{list-style:none;padding:0;margin:0 0 1rem;font-size:.92rem;color:var(--muted);max-width:46rem}
.variants b{color:var(--ink);font-weight:500}
.said>figure>figcaption>span:first-child{position:absolute;left:-9999px}
`;

const BLOCKS = `
.lead{font-size:1.2rem;line-height:1.5}
.note,small{color:var(--muted);font-size:.86rem;line-height:1.45}
td small,th small{display:block;font-weight:400}
.notice{border-left:4px solid var(--info-line);background:var(--info-bg);padding:.6rem .9rem;margin:.8rem 0;border-radius:0 4px 4px 0;max-width:54rem;overflow-wrap:anywhere}
.notice.warning{background:var(--warn-bg);border-color:var(--warn-line)}
.notice.error{background:var(--error-bg);border-color:var(--error-line)}
figure{margin:1.2rem 0 1.6rem;min-width:0}
figcaption{display:flex;flex-wrap:wrap;align-items:baseline;justify-content:space-between;gap:.1rem 1rem;font-weight:600;margin-bottom:.4rem}
.picture{overflow-x:auto;position:relative;min-width:0}
.picture svg,.picture canvas{display:block}
.static svg,.diagram{max-width:100%;height:auto}
.fixed .static svg,.diagram.wide{max-width:none}
.live{position:relative}
.grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(21rem,100%),1fr));gap:0 2rem;align-items:start}
.grid>*{min-width:0}
.scroll{overflow-x:auto;max-width:100%}
table{border-collapse:collapse;font-size:.92rem;font-variant-numeric:tabular-nums;margin:.2rem 0}
th,td{padding:.34rem .8rem .34rem 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--grid)}
th:last-child,td:last-child{padding-right:.2rem}
thead th{color:var(--muted);font-weight:500;font-size:.86rem;border-bottom:1px solid var(--line);vertical-align:bottom}
thead td{border-bottom:1px solid var(--line)}
tbody th{font-weight:500;min-width:5rem;max-width:20rem;overflow-wrap:anywhere}
thead th{max-width:18rem;overflow-wrap:break-word}
.number small{white-space:normal;min-width:7rem;max-width:11rem;margin-left:auto}
td.picture-cell{text-align:center;padding-right:.5rem}
td.picture-cell .tiles{justify-content:center}
thead th.picture-cell{text-align:center;padding-right:.5rem}
.number{text-align:right;white-space:nowrap}
.unit{display:block;font-weight:400;color:var(--muted);font-size:.92em}
.good{color:var(--good)}.bad{color:var(--bad)}.best{font-weight:700}
.swatch{display:inline-block;width:.72em;height:.72em;border-radius:2px;margin-right:.5em}
details{margin:.3rem 0 .8rem}
summary{cursor:pointer;color:var(--muted);font-size:.9rem;width:fit-content}
details.fold>summary{color:var(--ink);font-weight:600;font-size:1rem;margin:.6rem 0}
details.data table{font-size:.84rem}
pre{background:var(--card);padding:.8rem 1rem;overflow:auto;font:13px/1.45 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;border-radius:4px;max-height:36rem}
code{overflow-wrap:anywhere}
.image img{max-width:100%;height:auto;image-rendering:pixelated;display:block}
.tile{image-rendering:pixelated;display:inline-block;vertical-align:middle;background:#000}
.tile image{image-rendering:pixelated}
.sprites image{image-rendering:pixelated}
.tiles{display:flex;flex-wrap:wrap;gap:3px;white-space:normal}
.static text,.live text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif}
`;

const WIDGETS = `
.menu-place:empty{display:none}
.menu{display:flex;gap:.1rem;flex-wrap:wrap;font-weight:400}
.menu button{border-color:transparent;padding:.05rem .4rem}
.menu button:hover,.menu button:focus-visible{border-color:var(--line)}
button,select,input{font:inherit;color:inherit}
button{background:none;border:1px solid var(--line);border-radius:4px;padding:.1rem .5rem;font-size:.78rem;color:var(--muted);cursor:pointer;white-space:nowrap}
button:hover{color:var(--ink);border-color:var(--muted)}
button[aria-pressed=true]{background:var(--ink);color:var(--paper);border-color:var(--ink)}
th button.sort{white-space:normal;border:0;text-align:inherit;padding:0;font-size:inherit;color:inherit;font-weight:inherit}
th button.sort:hover{color:var(--ink)}
th[aria-sort=ascending] button.sort::after{content:" ▲";font-size:.7em}
th[aria-sort=descending] button.sort::after{content:" ▼";font-size:.7em}
.tip{position:fixed;z-index:20;pointer-events:none;background:var(--paper);color:var(--ink);border:1px solid var(--line);border-radius:5px;box-shadow:0 3px 14px #0003;padding:.5rem .6rem;font-size:.82rem;line-height:1.4;max-width:22rem}
.tip dl{display:grid;grid-template-columns:auto auto;gap:0 .7rem;margin:0}
.tip dt{color:var(--muted)}.tip dd{margin:0;text-align:right;font-variant-numeric:tabular-nums}
.tip .pictures{display:flex;gap:.5rem;margin-top:.4rem}
.tip .pictures span{display:block;color:var(--muted);font-size:.92em}
canvas.pixels,.tip canvas{image-rendering:pixelated;background:#000;display:block}
.plane{display:flex;flex-wrap:wrap;gap:1.5rem;align-items:flex-start}
.plane canvas.map{border:1px solid var(--line);cursor:crosshair;touch-action:none;max-width:100%}
.plane>div:first-child{max-width:min(320px,100%)}
.plane .answers{display:flex;flex-wrap:wrap;gap:1rem}
.plane .answers figure{margin:0}
.plane .answers figcaption{font-size:.86rem;font-weight:500;justify-content:flex-start;gap:.3rem}
.plane .answers canvas{width:168px;height:168px;object-fit:contain;object-position:top left;background:none}
.plane label{display:grid;grid-template-columns:3.2rem 1fr 4rem;align-items:center;gap:.5rem;font-size:.86rem}
.plane output{text-align:right;font-variant-numeric:tabular-nums}
.filter{display:flex;flex-wrap:wrap;gap:.35rem;margin:.6rem 0}
.folded[hidden]{display:none}.filtered .folded{display:table-row-group}
.js .noscript{display:none}
`;

const SMALL_AND_PRINT = `
.has-live .static{display:none}
@media (max-width:40rem){
 body{font-size:15px}body>header{padding-top:1.4rem}h1{font-size:1.55rem}section{margin-top:2.4rem}
 .plane canvas.map{max-width:calc(100% - 3rem)}
 .plane .answers canvas{width:min(168px,38vw);height:auto}
 .static svg{max-width:none}figcaption{flex-wrap:wrap}.menu{flex-wrap:wrap}
}
@media print{
 nav,.skip,.menu-place,.live,.explorer,.filter,.show-all{display:none!important}
 .folded{display:table-row-group!important}
 .has-live .static{display:block}
 .static svg{max-width:100%}
 body{font-size:11pt}body>header,main{max-width:none;padding:0}
 section{margin-top:1.6rem}
 figure,tr,.notice{break-inside:avoid}h2,figcaption{break-after:avoid}
 .scroll,.picture{overflow:visible}
 details.data,details.fold:not([open]){display:none}
}
`;
