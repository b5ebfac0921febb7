/** What is said of a place, such as `own.yaml:4:` or `own.yaml:4:15`, among all complaints about YAML files. */
export function complaintAt(place: string, stderr: string): string {
  const complaints = stderr.split(/^(?=\S+\.yaml:\d+:\d+ )/m);
  return complaints.filter((complaint) => complaint.startsWith(place)).join("");
}
