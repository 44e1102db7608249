(module
  (import "graph" "memory" (memory 1 65536))
  ;; Distances of a query to nodes: base + slope * scale * (sum of products of their whole numbers).
  ;; Four nodes at a time: the processor then waits for the memory of four together.
  (func (export "distances")
    (param $query i32) (param $scale f32) (param $ids i32) (param $count i32) (param $out i32)
    (param $first i32) (param $stride i32) (param $codes i32)
    (local $last i32) (local $end i32) (local $q i32) (local $a v128) (local $b v128)
    (local $at0 i32) (local $s0 v128)
    (local $at1 i32) (local $s1 v128)
    (local $at2 i32) (local $s2 v128)
    (local $at3 i32) (local $s3 v128)
    (local.set $last (i32.add (local.get $ids) (i32.shl (local.get $count) (i32.const 2))))
    (block $few
      (loop $fours
        (br_if $few (i32.gt_u (i32.add (local.get $ids) (i32.const 16)) (local.get $last)))
        (local.set $at0 (i32.add (local.get $first) (i32.mul (i32.load offset=0 (local.get $ids)) (local.get $stride))))
        (local.set $s0 (v128.const i32x4 0 0 0 0))
        (local.set $at1 (i32.add (local.get $first) (i32.mul (i32.load offset=4 (local.get $ids)) (local.get $stride))))
        (local.set $s1 (v128.const i32x4 0 0 0 0))
        (local.set $at2 (i32.add (local.get $first) (i32.mul (i32.load offset=8 (local.get $ids)) (local.get $stride))))
        (local.set $s2 (v128.const i32x4 0 0 0 0))
        (local.set $at3 (i32.add (local.get $first) (i32.mul (i32.load offset=12 (local.get $ids)) (local.get $stride))))
        (local.set $s3 (v128.const i32x4 0 0 0 0))
        (local.set $end (i32.add (local.get $at0) (local.get $codes)))
        (local.set $q (local.get $query))
        (loop $some
          (local.set $a (v128.load (local.get $q)))
          (local.set $b (v128.load offset=16 (local.get $q)))
          (local.set $s0 (i32x4.add (local.get $s0) (i32x4.add
            (i32x4.dot_i16x8_s (v128.load8x8_s (local.get $at0)) (local.get $a))
            (i32x4.dot_i16x8_s (v128.load8x8_s offset=8 (local.get $at0)) (local.get $b)))))
          (local.set $at0 (i32.add (local.get $at0) (i32.const 16)))
          (local.set $s1 (i32x4.add (local.get $s1) (i32x4.add
            (i32x4.dot_i16x8_s (v128.load8x8_s (local.get $at1)) (local.get $a))
            (i32x4.dot_i16x8_s (v128.load8x8_s offset=8 (local.get $at1)) (local.get $b)))))
          (local.set $at1 (i32.add (local.get $at1) (i32.const 16)))
          (local.set $s2 (i32x4.add (local.get $s2) (i32x4.add
            (i32x4.dot_i16x8_s (v128.load8x8_s (local.get $at2)) (local.get $a))
            (i32x4.dot_i16x8_s (v128.load8x8_s offset=8 (local.get $at2)) (local.get $b)))))
          (local.set $at2 (i32.add (local.get $at2) (i32.const 16)))
          (local.set $s3 (i32x4.add (local.get $s3) (i32x4.add
            (i32x4.dot_i16x8_s (v128.load8x8_s (local.get $at3)) (local.get $a))
            (i32x4.dot_i16x8_s (v128.load8x8_s offset=8 (local.get $at3)) (local.get $b)))))
          (local.set $at3 (i32.add (local.get $at3) (i32.const 16)))
          (local.set $q (i32.add (local.get $q) (i32.const 32)))
          (br_if $some (i32.lt_u (local.get $at0) (local.get $end))))
        (f32.store offset=0 (local.get $out) (call $distance (local.get $at0) (local.get $scale) (local.get $s0)))
        (f32.store offset=4 (local.get $out) (call $distance (local.get $at1) (local.get $scale) (local.get $s1)))
        (f32.store offset=8 (local.get $out) (call $distance (local.get $at2) (local.get $scale) (local.get $s2)))
        (f32.store offset=12 (local.get $out) (call $distance (local.get $at3) (local.get $scale) (local.get $s3)))
        (local.set $ids (i32.add (local.get $ids) (i32.const 16)))
        (local.set $out (i32.add (local.get $out) (i32.const 16)))
        (br $fours)))
    (block $done
      (loop $each
        (br_if $done (i32.ge_u (local.get $ids) (local.get $last)))
        (local.set $at0 (i32.add (local.get $first) (i32.mul (i32.load (local.get $ids)) (local.get $stride))))
        (local.set $s0 (v128.const i32x4 0 0 0 0))
        (local.set $s1 (v128.const i32x4 0 0 0 0))
        (local.set $end (i32.add (local.get $at0) (local.get $codes)))
        (local.set $q (local.get $query))
        (loop $some
          (local.set $s0 (i32x4.add (local.get $s0)
            (i32x4.dot_i16x8_s (v128.load8x8_s (local.get $at0)) (v128.load (local.get $q)))))
          (local.set $s1 (i32x4.add (local.get $s1)
            (i32x4.dot_i16x8_s (v128.load8x8_s offset=8 (local.get $at0)) (v128.load offset=16 (local.get $q)))))
          (local.set $at0 (i32.add (local.get $at0) (i32.const 16)))
          (local.set $q (i32.add (local.get $q) (i32.const 32)))
          (br_if $some (i32.lt_u (local.get $at0) (local.get $end))))
        (f32.store (local.get $out)
          (call $distance (local.get $at0) (local.get $scale) (i32x4.add (local.get $s0) (local.get $s1))))
        (local.set $ids (i32.add (local.get $ids) (i32.const 4)))
        (local.set $out (i32.add (local.get $out) (i32.const 4)))
        (br $each))))
  ;; The distance of a node whose base is at $at, by four sums of products.
  (func $distance (param $at i32) (param $scale f32) (param $sums v128) (result f32)
    (f32.add (f32.load (local.get $at))
      (f32.mul (f32.mul (f32.load offset=4 (local.get $at)) (local.get $scale))
        (f32.convert_i32_s
          (i32.add
            (i32.add (i32x4.extract_lane 0 (local.get $sums)) (i32x4.extract_lane 1 (local.get $sums)))
            (i32.add (i32x4.extract_lane 2 (local.get $sums)) (i32x4.extract_lane 3 (local.get $sums))))))))
  ;; Makes the numbers of a node a query: 16 bits each.
  (func (export "widen") (param $at i32) (param $query i32) (param $codes i32) (local $end i32)
    (local.set $end (i32.add (local.get $at) (local.get $codes)))
    (loop $some
      (v128.store (local.get $query) (v128.load8x8_s (local.get $at)))
      (local.set $at (i32.add (local.get $at) (i32.const 8)))
      (local.set $query (i32.add (local.get $query) (i32.const 16)))
      (br_if $some (i32.lt_u (local.get $at) (local.get $end))))))
