//! The tools of this crate, in their order.

use crate::Registry;
use crate::agent_message::AgentMessage;
use crate::agent_run::AgentRun;
use crate::code_search::CodeSearch;
use crate::fs_append::FsAppend;
use crate::fs_delete::FsDelete;
use crate::fs_edit::FsEdit;
use crate::fs_list::FsList;
use crate::fs_mkdir::FsMkdir;
use crate::fs_move::FsMove;
use crate::fs_read::FsRead;
use crate::fs_write::FsWrite;
use crate::http_request::HttpRequest;
use crate::skill_list::SkillList;
use crate::skill_read::SkillRead;
use crate::time_now::TimeNow;
use crate::tool_search::ToolSearch;
use crate::web_fetch::WebFetch;

impl Registry {
    /// The tools of this crate: first those that every request tells of, in an
    /// order that stays.
    pub fn builtin() -> Self {
        Self::empty()
            .with(FsList)
            .with(FsRead)
            .with(FsWrite)
            .with(FsEdit)
            .with(CodeSearch)
            .with(TimeNow)
            .with(HttpRequest)
            .with(WebFetch)
            .with(AgentRun)
            .with(AgentMessage)
            .with(ToolSearch)
            .with(FsAppend)
            .with(FsMove)
            .with(FsDelete)
            .with(FsMkdir)
            .with(SkillList)
            .with(SkillRead)
    }
}
