"""What other rooms may use of picking, packing, waybills and handing over."""

from callcart.commerce.fulfilment.manifests import (
    BoxesMissing,
    ManifestClosed,
    NothingOnIt,
    OutOutcome,
    OutScan,
    close_manifest,
    open_manifest,
    scan_out,
    take_off,
)
from callcart.commerce.fulfilment.models import (
    Box,
    Manifest,
    Packing,
    PackingState,
    PutBack,
    Wave,
    WaveState,
)
from callcart.commerce.fulfilment.packing import (
    AlreadyLeft,
    AlreadyPacked,
    EmptyBox,
    GoodsGoBack,
    NotComplete,
    NotYours,
    PackedByAnother,
    PackLine,
    PackOutcome,
    PackScan,
    begin_packing,
    find_dispatch,
    finish_packing,
    leave_table,
    lines_of,
    new_box,
    put_back,
    scan_items,
)
from callcart.commerce.fulfilment.picking import (
    NothingToPick,
    SeveralWarehouses,
    WaveEnded,
    cancel_wave,
    finish_wave,
    make_wave,
    pick,
)
from callcart.commerce.fulfilment.place import places_of, reaches
from callcart.commerce.fulfilment.put_back import Return, done_putting_back, list_put_back
from callcart.commerce.fulfilment.queries import (
    PickLine,
    WavePlan,
    WaveRow,
    boxes_on,
    get_manifest,
    get_packing,
    list_manifests,
    list_waves,
    packings_of,
    wave_plan,
)

__all__ = [
    "AlreadyLeft", "AlreadyPacked", "Box", "BoxesMissing", "EmptyBox", "GoodsGoBack", "Manifest", "ManifestClosed",
    "NotComplete", "NotYours", "NothingOnIt", "NothingToPick", "OutOutcome", "OutScan", "PackLine", "PackOutcome",
    "PackScan", "PackedByAnother", "Packing", "PackingState", "PickLine", "PutBack", "Return", "SeveralWarehouses", "Wave",
    "WaveEnded", "WavePlan", "WaveRow", "WaveState", "begin_packing", "boxes_on", "cancel_wave", "close_manifest",
    "done_putting_back", "find_dispatch", "finish_packing", "finish_wave", "get_manifest", "get_packing", "leave_table",
    "lines_of", "list_manifests", "list_put_back", "list_waves", "make_wave", "new_box", "open_manifest", "packings_of",
    "pick", "places_of", "put_back", "reaches", "scan_items", "scan_out", "take_off", "wave_plan",
]  # fmt: skip
