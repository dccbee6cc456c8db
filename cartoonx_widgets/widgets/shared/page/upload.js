// A file of the user's, to the kernel: in parts, for Jupyter's servers refuse messages of more than some 10 MB.

const PART = 4_000_000; // bytes

/**
 * @param {File} file
 * @param {import("./types.d.ts").Send<import("./messages.d.ts").Upload>} send
 */
export async function sendFile(file, send) {
  const data = await file.arrayBuffer();
  const count = Math.max(1, Math.ceil(data.byteLength / PART));
  for (let index = 0; index < count; index++) {
    const part = data.slice(index * PART, (index + 1) * PART);
    send({ type: "upload", name: file.name, index, count }, [part]);
  }
}
