(module
  (import "graph" "memory" (memory 1 65536))
  ;; Distances of a query to nodes: base + slope * scale * (sum of products of their whole numbers).
  (func (export "distances")
    (param $query i32) (param $scale f32) (param $ids i32) (param $count i32) (param $out i32)
    (param $first i32) (param $stride i32) (param $codes i32)
    (local $at i32) (local $end i32) (local $q i32) (local $a v128) (local $b v128) (local $last i32)
    (local.set $last (i32.add (local.get $ids) (i32.shl (local.get $count) (i32.const 2))))
    (block $done
      (loop $each
        (br_if $done (i32.ge_u (local.get $ids) (local.get $last)))
        (local.set $at (i32.add (local.get $first) (i32.mul (i32.load (local.get $ids)) (local.get $stride))))
        (local.set $end (i32.add (local.get $at) (local.get $codes)))
        (local.set $q (local.get $query))
        (local.set $a (v128.const i32x4 0 0 0 0))
        (local.set $b (v128.const i32x4 0 0 0 0))
        (loop $some
          (local.set $a (i32x4.add (local.get $a)
            (i32x4.dot_i16x8_s (v128.load8x8_s (local.get $at)) (v128.load (local.get $q)))))
          (local.set $b (i32x4.add (local.get $b)
            (i32x4.dot_i16x8_s (v128.load8x8_s offset=8 (local.get $at)) (v128.load offset=16 (local.get $q)))))
          (local.set $at (i32.add (local.get $at) (i32.const 16)))
          (local.set $q (i32.add (local.get $q) (i32.const 32)))
          (br_if $some (i32.lt_u (local.get $at) (local.get $end))))
        (local.set $a (i32x4.add (local.get $a) (local.get $b)))
        (f32.store (local.get $out)
          (f32.add (f32.load (local.get $at))
            (f32.mul (f32.mul (f32.load offset=4 (local.get $at)) (local.get $scale))
              (f32.convert_i32_s
                (i32.add
                  (i32.add (i32x4.extract_lane 0 (local.get $a)) (i32x4.extract_lane 1 (local.get $a)))
                  (i32.add (i32x4.extract_lane 2 (local.get $a)) (i32x4.extract_lane 3 (local.get $a))))))))
        (local.set $ids (i32.add (local.get $ids) (i32.const 4)))
        (local.set $out (i32.add (local.get $out) (i32.const 4)))
        (br $each))))
  ;; Makes the numbers of a node a query: 16 bits each.
  (func (export "widen") (param $at i32) (param $query i32) (param $codes i32) (local $end i32)
    (local.set $end (i32.add (local.get $at) (local.get $codes)))
    (loop $some
      (v128.store (local.get $query) (v128.load8x8_s (local.get $at)))
      (local.set $at (i32.add (local.get $at) (i32.const 8)))
      (local.set $query (i32.add (local.get $query) (i32.const 16)))
      (br_if $some (i32.lt_u (local.get $at) (local.get $end))))))
