// For workerd: the checks run inside one request.
import { smoke } from "./smoke.mjs";

export default {
  async fetch(request) {
    try {
      return Response.json(await smoke(await request.json()));
    } catch (error) {
      return new Response(String(error?.message ?? error), { status: 500 });
    }
  },
};
