import { usePendingApprovals, useTool } from "@noukai/react";
import { z } from "zod";

export function Basket({ add }: { readonly add: (item: string) => void }) {
  useTool({ name: "add_to_basket", input: z.object({ item: z.string() }), needsApproval: true }, ({ item }) => {
    add(item);
    return `${item} is in the basket.`;
  });
  return usePendingApprovals().map(({ toolCallId, name, approve, refuse }) => (
    <p key={toolCallId}>
      {name}? <button onClick={approve}>Yes</button> <button onClick={() => refuse()}>No</button>
    </p>
  ));
}
