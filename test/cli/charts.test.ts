/** Charts of a user's own are tried before anything is trained for them. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { Project } from "../rig/rig.js";

const project = new Project();
const chart = (scale: string) => `extends: narrow.yaml
stages:
  visualize:
    charts:
      - vega-lite:
          title: Own
          spec:
            data: { name: history }
            transform: [{ filter: "datum.loss > 0" }]
            mark: line
            encoding:
              x: { field: epoch, type: quantitative }
              y: { field: loss, type: quantitative, ${scale} }
`;

beforeAll(() => {
  project.writeTinyExperiment();
  project.write("good.yaml", chart("scale: { type: log }"));
  project.write("bad.yaml", chart("scale: { type: log }").replace("datum.loss > 0", "datum.loss > (0"));
});
afterAll(() => project.remove());

it("refuse a run that would draw a chart which Vega-Lite does not take, with its place", async () => {
  expect((await project.pipe("validate", "bad.yaml")).code).toBe(0);
  const { code, stderr } = await project.pipe("run", "bad.yaml", "--engine", "cpu");
  expect(code).toBe(2);
  expect(stderr).toContain("bad.yaml:7:11 error[wrong-chart]: Vega-Lite does not take the specification of this chart");
  expect(stderr).not.toContain("train: started");
});

it("run with a warning where Vega-Lite draws them otherwise than they are specified", async () => {
  const spec = chart("scale: { type: log }")
    .replace("            mark:", "            autosize: fit\n            width: { step: 20 }\n            mark:")
    .replace("field: epoch, type: quantitative", "field: epoch, type: ordinal");
  project.write("fitted.yaml", spec);
  const { code, stderr } = await project.pipe("run", "fitted.yaml", "--engine", "cpu");
  expect(code).toBe(0);
  expect(stderr).toContain("fitted.yaml:7:11 warning[wrong-chart]: Vega-Lite draws this chart otherwise");
});

it("run, and are tried no more once they are stored", async () => {
  const first = await project.pipe("run", "good.yaml", "--engine", "cpu");
  expect([first.code, first.stderr.includes("error")]).toEqual([0, false]);
  const again = await project.pipe("run", "good.yaml", "--engine", "cpu");
  expect(again.stderr).toContain("0 ran");
});
