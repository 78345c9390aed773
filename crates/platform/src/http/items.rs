//! `Items<B>`: the body of a bulk call. A fault of one item is told at its place in the report, a fault of the rest refuses the
//! call.

use std::any::TypeId;

use actix_web::{FromRequest, HttpRequest, dev};
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::ToSchema;
use validator::Validate;

use super::body::{BodyFuture, check_rules, of_type, parsed};
use super::bulk::{Broken, BulkInput};
use super::contract::Contract;
use super::description::{Argument, Description};
use super::filling::{Taste, filled};
use super::{json, rehearsal};
use passerelle_base::error::{ApiError, Fault};

/// The body of a bulk call: the items, each valid by its schema or with the faults that it has, and the rest of the body, whose
/// list of items is empty. The rules of an item are not checked.
#[derive(Debug)]
pub struct Items<B: BulkInput> {
    /// The body without its items.
    pub rest: B,
    /// The items, in the order of the request.
    pub items: Vec<Result<B::Item, Broken<B::Item>>>,
}

impl<B: BulkInput + DeserializeOwned + Validate + 'static> FromRequest for Items<B> {
    type Error = ApiError;
    type Future = BodyFuture<Self>;

    fn from_request(req: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let (req, payload) = (req.clone(), payload.take());
        Box::pin(async move {
            let (contract, request) = (Contract::of(&req)?, TypeId::of::<B>());
            let fill = |body: &Value, taste| filled(contract, request, body, taste, None);
            if let Some(body) = rehearsal::next_body(&req) {
                return read(body, Vec::new(), fill);
            }
            let value = parsed(&req, payload, "application/json", |_, bytes| json::parse(bytes)).await?;
            let faults = contract.faults_of(request, &value, false)?;
            if faults.iter().any(|fault| place_of::<B>(fault).is_none()) {
                let body = rehearsal::begin(&req, contract, request, &value, faults)?;
                return read(body, Vec::new(), fill);
            }
            read(value, faults, fill)
        })
    }
}

impl<B: BulkInput + ToSchema + 'static> Argument for Items<B> {
    fn describe(description: &mut Description<'_>) {
        description.body::<B>("application/json");
    }
}

/// Reads a body with the faults of its items. `fill` replaces the faults of a body.
fn read<B: BulkInput + DeserializeOwned + Validate>(
    mut value: Value,
    faults: Vec<Fault>,
    fill: impl Fn(&Value, Taste) -> Option<(Value, Vec<String>)>,
) -> Result<Items<B>, ApiError> {
    let list = value.get_mut(B::LIST).and_then(Value::as_array_mut).map(std::mem::take).unwrap_or_default();
    let mut broken: Vec<Vec<Fault>> = vec![Vec::new(); list.len()];
    for fault in faults {
        if let Some((rank, pointer)) = place_of::<B>(&fault)
            && let Some(of_item) = broken.get_mut(rank)
        {
            of_item.push(Fault { pointer, ..fault });
        }
    }
    let rest = of_type::<B>(value.clone())?;
    check_rules(&rest)?;
    let mut items = Vec::with_capacity(list.len());
    for (item, faults) in list.into_iter().zip(broken) {
        items.push(if faults.is_empty() {
            Ok(of_type(item)?)
        } else {
            value[B::LIST] = Value::Array(vec![item]);
            Err(broken_item::<B>(&value, faults, &fill))
        });
    }
    Ok(Items { rest, items })
}

/// An item that breaks its schema, with what to rehearse it with, from a body with this item alone.
fn broken_item<B: BulkInput>(
    body: &Value,
    of_schema: Vec<Fault>,
    fill: impl Fn(&Value, Taste) -> Option<(Value, Vec<String>)>,
) -> Broken<B::Item> {
    let (mut items, mut touched) = (Vec::new(), Vec::new());
    for taste in Taste::ALL {
        let filled = fill(body, taste).and_then(|(mut body, places)| {
            let item = body.get_mut(B::LIST)?.get_mut(0)?.take();
            Some((serde_json::from_value(item).ok()?, places))
        });
        // What cannot be filled in each way is not rehearsed: too much would be told.
        let Some((item, places)) = filled else { return Broken { of_schema, items: Vec::new(), touched: Vec::new() } };
        items.push(item);
        let first = format!("/{}/0", B::LIST);
        touched.extend(places.iter().filter_map(|place| place.strip_prefix(&first)).map(str::to_owned));
    }
    Broken { of_schema, items, touched }
}

/// The rank of the item that a fault concerns, and the pointer in this item; none if it concerns the rest of the body.
fn place_of<B: BulkInput>(fault: &Fault) -> Option<(usize, String)> {
    let at = fault.pointer.strip_prefix('/')?.strip_prefix(B::LIST)?.strip_prefix('/')?;
    let (rank, pointer) = at.find('/').map_or((at, ""), |end| at.split_at(end));
    Some((rank.parse().ok()?, pointer.to_owned()))
}

#[cfg(test)]
mod tests {
    use crate::http::items::*;
    use passerelle_base::error::Text;
    use serde_json::json;

    #[derive(Debug, serde::Deserialize, Validate)]
    struct Numbers {
        kind: String,
        numbers: Vec<i32>,
    }

    impl BulkInput for Numbers {
        type Item = i32;
        const LIST: &'static str = "numbers";
    }

    fn fault(pointer: &str) -> Fault {
        Fault::new(pointer.to_owned(), "type", Text::new("", ""))
    }

    #[test]
    fn a_fault_is_that_of_its_item_or_of_the_whole_body() {
        let body = json!({"kind": "odd", "numbers": [1, "two", 3]});
        let fill = |_: &Value, _| None;
        let read_with =
            |faults: &[&str]| read::<Numbers>(body.clone(), faults.iter().map(|at| fault(at)).collect(), fill);
        let found = read_with(&["/numbers/1"]).unwrap();
        assert_eq!((found.rest.kind.as_str(), found.rest.numbers.len()), ("odd", 0));
        let items: Vec<_> = found.items.iter().map(|item| item.as_ref().ok().copied()).collect();
        assert_eq!(items, [Some(1), None, Some(3)]);
        for whole in ["", "/numbers", "/kind", "/numberss/1"] {
            assert_eq!(place_of::<Numbers>(&fault(whole)), None, "{whole}");
        }
        let of_item = place_of::<Numbers>(&fault("/numbers/12/child/name"));
        assert_eq!(of_item, Some((12, "/child/name".to_owned())));
    }
}
