/** Reads what `strace -f -y` wrote. */

/** `123 openat(AT_FDCWD</folder>, "file", …`: the call and all that follows; a call in two parts is told by its first. */
const CALL = /^(?:\d+\s+)?(\w+)\((.*)$/;

const NETWORK = new Set(["socket", "connect", "bind", "sendto", "sendmsg", "sendmmsg"]);

/** Devices, and what a process is told of itself. */
const SYSTEM = /^\/(dev\/(null|tty|pts\/\d+|ptmx|u?random)|proc\/self\/)/;

/**
 * The calls that reach for a network, or change files outside of `project`'s own folders `runs` and `tmp`. Unix
 * sockets are how a parent talks to its workers, netlink ones ask the kernel (what libc a machine has is told in a report of Node's
 * that lists network cards). A look-up of a name is a socket too, loopback or not: there is no reason for one.
 */
export function foreignActs(trace: string, project: string): string[] {
  const acts: string[] = [];
  for (const line of trace.split("\n")) {
    const [, name = "", rest = ""] = CALL.exec(line) ?? [];
    if (NETWORK.has(name) ? reachesOut(rest) : changesFiles(name, rest) && !isOwn(name, rest, project)) acts.push(line);
  }
  return acts;
}

/** The family stands in `socket(AF_INET…` and in the address `{sa_family=AF_INET…`; descriptors show as `<TCP:[…]>`. */
function reachesOut(rest: string): boolean {
  return /AF_(?!UNIX|LOCAL|NETLINK|UNSPEC)\w+|<(TCP|UDP|RAW)/.test(rest);
}

function changesFiles(name: string, rest: string): boolean {
  if (name === "") return false;
  return !name.startsWith("open") || /O_(WRONLY|RDWR|CREAT|TRUNC)/.test(rest);
}

function isOwn(name: string, rest: string, project: string): boolean {
  const paths = [...rest.matchAll(/(?:AT_FDCWD<([^>]*)>, |\d+<([^>]*)>, )?"((?:[^"\\]|\\.)*)"/g)].map(
    ([, cwd, folder, path = ""]) => (path.startsWith("/") ? path : `${cwd ?? folder ?? project}/${path}`),
  );
  if (paths.length === 0) throw new Error(`no path in ${name}(${rest}`);
  return paths.every((path) => SYSTEM.test(path) || ["runs", "tmp"].some((own) => isIn(path, `${project}/${own}`)));
}

function isIn(path: string, folder: string): boolean {
  return (path === folder || path.startsWith(`${folder}/`)) && !path.includes("/../");
}
