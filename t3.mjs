import {loadMicroPython} from "@micropython/micropython-webassembly-pyscript/micropython.mjs";
import fs from "fs"; import path from "path";
const mp = await loadMicroPython({heapsize: 262144, linebuffer: true});
function copy(dir, to) { for (const f of fs.readdirSync(dir)) { const a=path.join(dir,f), b=to+"/"+f; if (fs.statSync(a).isDirectory()) { mp.FS.mkdir(b); copy(a,b);} else mp.FS.writeFile(b, fs.readFileSync(a)); } }
mp.FS.mkdir("/fw"); copy("fw", "/fw");
mp.runPython("import sys\nsys.path.insert(0,'/fw')\nimport gc");
let before = 0;
function show(what) { for (let i=0;i<3;i++) mp.runPython("1"); mp.runPython("_m = gc.mem_alloc()"); const m = mp.globals.get("_m"); console.log(what.padEnd(40), m, m-before); before = m; }
show("start");
try { mp.runPython("import idle"); } catch(e) { console.log(e.message.slice(-200)); }
show("idle");
try { mp.runPython("import mesogun_fw.boards.pico"); } catch(e) { console.log(e.message.slice(-300)); }
show("boards");
