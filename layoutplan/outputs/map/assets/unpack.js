// The payload is deflated: every browser since 2023 unpacks it by itself; an older one is told what to do.
export const unpack = async () => {
  const holder = document.getElementById("payload");
  if (typeof DecompressionStream === "undefined") {
    document.getElementById("old-browser").hidden = false;
    return null;
  }
  const letters = atob(holder.textContent);
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; i += 1) {
    bytes[i] = letters.charCodeAt(i);
  }
  holder.remove();
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))).json();
};
