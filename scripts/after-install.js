#!/usr/bin/env node
/**
 * Builds dist/ after npm changed node_modules in a checkout, unless what builds was left out (`npm prune --omit=dev`). Not npm's
 * `prepare`: npm counts that among a tarball's install scripts, and warns of it when the tarball is installed.
 */
import { execSync } from "node:child_process";
import { existsSync } from "node:fs";

const tools = ["typescript", "rolldown"].map((name) => new URL(`../node_modules/${name}`, import.meta.url));
if (tools.every((tool) => existsSync(tool))) execSync("npm run build", { stdio: "inherit" });
